import { join } from 'node:path'
import type { AuditExport } from '@contract'
import type { Asking } from './agents'
import type { AuditTrail } from './audit'
import type { Clock } from './core'
import type { Gate } from './gate'

/** What a person does with the audit trail besides reading it; each act passes the gate, and so stands in the trail. */
export interface AuditActs {
  /** @throws POLICY_001, STORE_001, AUDIT_003 */
  export(asking: Asking): Promise<AuditExport>
  /** @throws POLICY_001, AUDIT_002, STORE_001 */
  archive(asking: Asking, keepRows: number): Promise<{ segments: number; rows: number }>
  /** @throws POLICY_001, AUDIT_004 */
  rotateKey(asking: Asking, reason: string): Promise<string>
  /** @throws POLICY_001, AUDIT_004 */
  startNewLog(asking: Asking, reason: string): Promise<string>
}

export const createAuditActs = (ports: {
  gate: Gate
  audit: AuditTrail
  clock: Clock
  exportsDir: string
}): AuditActs => {
  const { gate, audit, clock, exportsDir } = ports
  const request = <Verb extends 'export' | 'archive' | 'rotate_key' | 'start_new_log'>(
    asking: Asking,
    verb: Verb,
    details: Record<string, string | number>,
  ) => ({
    ...asking,
    action: `audit.${verb}` as const,
    resource: verb,
    arguments: details,
    details,
  })

  return {
    export(asking) {
      const name = `audit-${new Date(clock.nowMs()).toISOString().replace(/[:.]/g, '-')}`
      return gate.perform(request(asking, 'export', { folder: name }), () => audit.export(join(exportsDir, name)))
    },
    archive: (asking, keepRows) =>
      gate.perform(request(asking, 'archive', { keepRows }), () => audit.archive(keepRows)),
    rotateKey: (asking, reason) =>
      gate.perform(request(asking, 'rotate_key', { reason }), () => audit.rotateKey(asking, reason)),
    startNewLog: (asking, reason) =>
      gate.perform(request(asking, 'start_new_log', { reason }), () => audit.startNewLog(asking, reason)),
  }
}
