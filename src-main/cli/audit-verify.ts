import type { AuditVerification } from '@contract'
import { verifyTrail } from '../engine/audit'
import { systemClock } from '../engine/core'
import { withAuditReader } from './audit-reader'
import type { CommonOptions } from './open-host'

/** Progress is shown at most so often. */
const PROGRESS_MS = 1_000

const textOf = (result: AuditVerification): string => {
  const archived = result.archived === 0 ? '' : `, ${result.archived} of them archived and vouched for by their seals`
  const lines = result.ok
    ? [
        `The audit trail verifies: ${result.checked} records${archived}, head ${result.headHash ?? 'none yet'}.`,
        `Signed up to record ${result.signedToSeq} by ${result.checkpoints} checkpoints.`,
      ]
    : [
        `The audit trail does not verify at record ${result.firstBadSeq}: ${result.problem}`,
        `What was done: ${result.tampering}. Bad are records ${result.firstBadSeq} to ${result.suspectToSeq} at most.`,
      ]
  for (const { name, state, size, note } of result.anchors)
    lines.push(`Anchor ${name}: ${state}${size === null ? '' : `, ${size} records`}${note === '' ? '' : ` (${note})`}`)
  return [...lines, ...result.notes].join('\n')
}

/**
 * Verify the audit trail of a data folder. Only reads, so it may run beside the console.
 *
 * @returns 0 when it verifies, else 1
 */
export const auditVerify = (options: CommonOptions & { json: boolean }): Promise<number> =>
  withAuditReader(options, async ({ reader, anchors }) => {
    let shownMs = systemClock.monotonicMs()
    const result = await verifyTrail({
      sql: reader,
      clock: systemClock,
      anchors,
      onProgress: (checked, total) => {
        if (systemClock.monotonicMs() - shownMs < PROGRESS_MS) return
        shownMs = systemClock.monotonicMs()
        process.stderr.write(`${checked} of ${total} records\n`)
      },
    })
    process.stdout.write(`${options.json ? JSON.stringify(result) : textOf(result)}\n`)
    return result.ok ? 0 : 1
  })
