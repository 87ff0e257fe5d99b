import { resolve } from 'node:path'
import { exportTrail } from '../engine/audit'
import { systemClock } from '../engine/core'
import { withAuditReader } from './audit-reader'
import { type CommonOptions, verifierPath } from './open-host'

/**
 * Write the trail into a folder that anyone can verify with Node alone. Only reads, so it may run beside the console.
 *
 * @returns 0
 */
export const auditExport = (options: CommonOptions & { folder: string; json: boolean }): Promise<number> =>
  withAuditReader(options, async ({ reader, archiveDir }) => {
    const folder = resolve(options.folder)
    const done = await exportTrail(reader, {
      folder,
      archiveDir,
      verifier: verifierPath(),
      nowMs: systemClock.nowMs(),
    })
    const text = `${done.records} records and ${done.checkpoints} checkpoints are in ${folder}.\nVerify them anywhere: node ${folder}/verify-audit.mjs ${folder}`
    process.stdout.write(`${options.json ? JSON.stringify(done) : text}\n`)
    return 0
  })
