import { formatCount, formatDuration } from '@/lib/format'
import { Age, Button, ErrorNotice, Notice } from '@/ui'
import type { Verification } from './use-verification'

export interface VerifyBannerProps {
  readonly verification: Verification
  readonly onShow: (seq: number) => void
}

/** What the last verification found. */
export function VerifyBanner({ verification, onShow }: VerifyBannerProps) {
  const { error, result } = verification
  if (error !== null) return <ErrorNotice error={error} />
  if (result === null) return null
  const { verdict } = result
  const bad = verdict.firstBadSeq
  return (
    <div className="shrink-0 border-b border-line" data-verified={verdict.ok}>
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
        </Notice>
      ) : (
        <Notice
          tone="bad"
          role="alert"
          title={
            bad === null
              ? 'The audit trail does not verify.'
              : `The audit trail does not verify from row ${formatCount(bad)}.`
          }
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
        </Notice>
      )}
    </div>
  )
}
