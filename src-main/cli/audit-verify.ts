import { verifyChain } from '../engine/audit'
import { systemClock } from '../engine/core'
import { openReader } from '../engine/store'
import { type CommonOptions, dataDirOf } from './open-host'

/**
 * Verify the audit trail of a data folder. Only reads, so it may run beside the console.
 *
 * @returns 0 when it verifies, else 1
 */
export const auditVerify = async (options: CommonOptions & { json: boolean }): Promise<number> => {
  const reader = openReader({ dir: dataDirOf(options), nativeBinding: process.env['SYMBI_SQLITE_BINDING'] })
  try {
    const result = await verifyChain(reader, systemClock)
    const text = result.ok
      ? `The audit trail verifies: ${result.checked} records, head ${result.headHash ?? 'none yet'}.`
      : `The audit trail does not verify at record ${result.firstBadSeq}: ${result.problem}`
    process.stdout.write(`${options.json ? JSON.stringify(result) : text}\n`)
    return result.ok ? 0 : 1
  } finally {
    reader.close()
  }
}
