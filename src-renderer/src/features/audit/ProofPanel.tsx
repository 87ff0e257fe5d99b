import type { AuditInclusionProof, AuditRecord } from '@contract'
import { useState } from 'react'
import { type AppError, toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { formatCount, formatDateTime, plural } from '@/lib/format'
import { checkInclusion, holds, type ProofChecks } from '@/lib/inclusion-proof'
import { Button, ErrorNotice, StateShape } from '@/ui'

interface Proven {
  readonly proof: AuditInclusionProof
  readonly checks: ProofChecks
}

function Step({ ok, children }: { readonly ok: boolean | null; readonly children: React.ReactNode }) {
  return (
    <li className="flex items-start gap-2">
      <StateShape
        shape={ok === null ? 'ring' : ok ? 'check' : 'cross'}
        className={
          ok === null ? 'mt-1.5 shrink-0 text-text-3' : ok ? 'mt-1.5 shrink-0 text-ok' : 'mt-1.5 shrink-0 text-bad'
        }
      />
      <span className="min-w-0">
        <span className="sr-only">{ok === null ? 'Not checked: ' : ok ? 'Holds: ' : 'Does not hold: '}</span>
        {children}
      </span>
    </li>
  )
}

const Hash = ({ text }: { readonly text: string }) => (
  <span className="font-mono text-xs [overflow-wrap:anywhere]">{text}</span>
)

/** The proof in words. Every step is checked in this page, without the engine. */
function Steps({ proof, checks }: Proven) {
  const { checkpoint, record } = proof
  return (
    <div data-proof={holds(checks)}>
      <ol className="flex flex-col gap-1.5">
        <Step ok={checks.leaf}>
          Record {formatCount(record.seq)} is the leaf <Hash text={proof.leaf} />
        </Step>
        <Step ok={checks.path}>
          {plural(proof.path.length, 'neighbouring hash', 'neighbouring hashes')} lead from it to the root{' '}
          <Hash text={checkpoint.root} />
        </Step>
        <Step ok={checks.path}>
          Checkpoint {formatCount(checkpoint.number)} of {formatDateTime(checkpoint.atMs)} names this root for the first{' '}
          {plural(checkpoint.size, 'record')}
        </Step>
        <Step ok={checks.key}>
          The key <Hash text={checkpoint.keyId} /> is the one that the checkpoint names
        </Step>
        <Step ok={checks.signature}>
          {checks.signature === null
            ? 'Its signature cannot be checked in this window; Verify checks it'
            : 'It signed this checkpoint'}
        </Step>
      </ol>
      <p className={holds(checks) ? 'mt-2 font-medium text-ok' : 'mt-2 font-medium text-bad'}>
        {holds(checks)
          ? 'This record is part of the trail, as it was when the checkpoint was signed.'
          : 'This record is not what the checkpoint speaks for. Verify the trail.'}
      </p>
    </div>
  )
}

/** That one record is in the trail, on request. */
export function ProofPanel({ record }: { readonly record: AuditRecord }) {
  const [state, setState] = useState<{ busy: boolean; error: AppError | null; proven: Proven | null }>({
    busy: false,
    error: null,
    proven: null,
  })
  const prove = async () => {
    setState({ busy: true, error: null, proven: null })
    try {
      const proof = await call('audit.proveInclusion', { seq: record.seq })
      // The proof must speak of the record that is on the screen.
      const checks = await checkInclusion({ ...proof, record })
      setState({ busy: false, error: null, proven: { proof, checks } })
    } catch (thrown) {
      setState({ busy: false, error: toAppError(thrown), proven: null })
    }
  }
  return (
    <section aria-label="Proof" className="border-t border-line pt-3">
      <div className="mb-1.5 flex items-center gap-2">
        <h3 className="section-title">Proof that it is in the trail</h3>
        <Button size="small" className="ml-auto" busy={state.busy} onPress={() => void prove()}>
          Prove
        </Button>
      </div>
      {state.error !== null && <ErrorNotice error={state.error} />}
      {state.proven !== null && <Steps {...state.proven} />}
    </section>
  )
}
