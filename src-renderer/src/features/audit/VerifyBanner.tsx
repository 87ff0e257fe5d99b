import type { AuditTampering, AuditVerification } from '@contract'
import { formatCount, formatDuration } from '@/lib/format'
import { Age, Button, ErrorNotice, Notice } from '@/ui'
import type { Verification } from './use-verification'

export interface VerifyBannerProps {
  readonly verification: Verification
  readonly onShow: (seq: number) => void
}

/** What was done to the trail, as a person would say it. */
const TAMPERING = {
  edited: 'A record was edited',
  deleted: 'Records were deleted',
  inserted: 'A record was inserted',
  swapped: 'Records were swapped',
  truncated: 'Records at the end were cut off',
  'rolled-back': 'An old copy was put in place of the trail',
  rebuilt: 'The trail was rebuilt without the signing key',
  'forged-checkpoint': 'A checkpoint was forged',
  unreadable: 'A record cannot be read',
} as const satisfies Record<AuditTampering, string>

const headline = ({ tampering, firstBadSeq, suspectToSeq }: AuditVerification): string => {
  const what = tampering === null ? 'The audit trail does not verify' : TAMPERING[tampering]
  if (firstBadSeq === null) return `${what}.`
  return suspectToSeq === null || suspectToSeq === firstBadSeq
    ? `${what}: the audit trail does not verify from row ${formatCount(firstBadSeq)}.`
    : `${what}: the first bad row is between ${formatCount(firstBadSeq)} and ${formatCount(suspectToSeq)}.`
}

function Facts({ verdict }: { readonly verdict: AuditVerification }) {
  const anchors = verdict.anchors.map(({ name, state, size }) =>
    size === null ? `${name} ${state}` : `${name} ${state} up to ${formatCount(size)}`,
  )
  return (
    <>
      <p className="num">
        {formatCount(verdict.checkpoints)} checkpoints, signed up to record {formatCount(verdict.signedToSeq)}
        {verdict.archived > 0 && `, ${formatCount(verdict.archived)} archived records checked by their seals`}
        {anchors.length > 0 && `. Anchors: ${anchors.join(', ')}`}.
      </p>
      {verdict.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </>
  )
}

/** How far a verification is, or what the last one found. */
export function VerifyBanner({ verification, onShow }: VerifyBannerProps) {
  const { busy, progress, error, result } = verification
  if (busy)
    return (
      <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-4">
        <span className="num w-72 shrink-0 text-text-2">
          {progress === null
            ? 'Verifying the trail'
            : `${formatCount(progress.checked)} of ${formatCount(progress.total)} rows checked`}
        </span>
        <progress
          aria-label="Verification"
          className="progress h-1 min-w-0 flex-1"
          {...(progress === null ? {} : { value: progress.checked, max: Math.max(1, progress.total) })}
        />
        <Button size="small" onPress={verification.cancel}>
          Cancel
        </Button>
      </div>
    )
  if (error !== null) return <ErrorNotice error={error} />
  if (result === null) return null
  const { verdict } = result
  const bad = verdict.firstBadSeq
  return (
    <div className="shrink-0 border-b border-line" data-verified={verdict.ok} data-tampering={verdict.tampering ?? ''}>
      {verdict.ok ? (
        <Notice tone="ok" title="The audit trail verifies.">
          <span className="num">
            {formatCount(verdict.checked)} rows checked in {formatDuration(verdict.tookMs)}, <Age atMs={result.atMs} />.
          </span>
          {verdict.headHash !== null && (
            <span className="ml-1">
              Head <span className="font-mono text-xs">{verdict.headHash}</span>
            </span>
          )}
          <Facts verdict={verdict} />
        </Notice>
      ) : (
        <Notice
          tone="bad"
          role="alert"
          title={headline(verdict)}
          action={
            bad === null ? undefined : (
              <Button size="small" onPress={() => onShow(bad)}>
                Show the row
              </Button>
            )
          }
        >
          {verdict.problem} Keep a copy of the data folder and find out who changed it.{' '}
          <span className="font-mono text-xs text-text-3">AUDIT_002</span>
          <Facts verdict={verdict} />
        </Notice>
      )}
    </div>
  )
}
