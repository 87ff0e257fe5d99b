import { proveConsistency, proveInclusion } from '../engine/audit'
import { withAuditReader } from './audit-reader'
import type { CommonOptions } from './open-host'

/** What to prove: one record, or that the trail of one checkpoint begins with that of an earlier one. */
export type ProofTarget = { readonly seq: number } | { readonly from: number; readonly to: number | undefined }

/** Print a proof as JSON; verify-audit.mjs --proof checks it. @returns 0 */
export const auditProve = (options: CommonOptions & { target: ProofTarget }): Promise<number> =>
  withAuditReader(options, async ({ reader }) => {
    const { target } = options
    const proof =
      'seq' in target ? proveInclusion(reader, target.seq) : proveConsistency(reader, target.from, target.to)
    process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`)
    return 0
  })
