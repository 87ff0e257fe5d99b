import type { AuditVerification } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { AppError, toAppError } from '@/lib/app-error'
import { bridge } from '@/lib/client'

export interface Verification {
  readonly busy: boolean
  /** How far the walk is; null while none goes on or nothing is known yet. */
  readonly progress: { readonly checked: number; readonly total: number } | null
  readonly result: { readonly verdict: AuditVerification; readonly atMs: number } | null
  readonly error: AppError | null
  readonly run: () => void
  /** Call the walk off. */
  readonly cancel: () => void
}

const IDLE: Pick<Verification, 'busy' | 'progress' | 'result' | 'error'> = {
  busy: false,
  progress: null,
  result: null,
  error: null,
}

/** Have the engine walk the whole trail, told step by step. */
export const useVerification = (): Verification => {
  const [state, setState] = useState(IDLE)
  const close = useRef<(() => void) | null>(null)
  const stop = useCallback(() => {
    close.current?.()
    close.current = null
  }, [])
  useEffect(() => stop, [stop])
  const run = useCallback(() => {
    if (close.current !== null) return
    setState({ ...IDLE, busy: true })
    try {
      close.current = bridge().openStream('audit.verification', {}, (message, acknowledge) => {
        if (message.kind === 'items') {
          acknowledge()
          const item = message.items.at(-1)
          if (item?.kind === 'progress') setState({ ...IDLE, busy: true, progress: item })
          if (item?.kind === 'result') setState({ ...IDLE, result: { verdict: item.verification, atMs: Date.now() } })
          return
        }
        close.current = null
        const { error } = message
        setState((before) => ({
          ...before,
          busy: false,
          progress: null,
          error: error === null ? null : new AppError(error),
        }))
      })
    } catch (thrown) {
      setState({ ...IDLE, error: toAppError(thrown) })
    }
  }, [])
  const cancel = useCallback(() => {
    stop()
    setState(IDLE)
  }, [stop])
  return { ...state, run, cancel }
}
