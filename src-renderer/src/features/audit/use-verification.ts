import type { AuditVerification } from '@contract'
import { useState } from 'react'
import type { AppError } from '@/lib/app-error'
import { useCommand } from '@/lib/queries'

export interface Verification {
  readonly busy: boolean
  readonly result: { readonly verdict: AuditVerification; readonly atMs: number } | null
  readonly error: AppError | null
  readonly run: () => void
}

/** Have the engine walk the whole hash chain. */
export const useVerification = (): Verification => {
  const verify = useCommand('audit.verify')
  const [result, setResult] = useState<Verification['result']>(null)
  const run = () => {
    void verify.run({}).then((outcome) => {
      setResult(outcome.ok ? { verdict: outcome.value, atMs: Date.now() } : null)
    })
  }
  return { busy: verify.busy, error: verify.error, result, run }
}
