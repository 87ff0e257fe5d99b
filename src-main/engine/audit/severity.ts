import type { AuditSeverity } from '@contract'

/** Codes that tell of an attack or of a trail that cannot be trusted. */
const CRITICAL = ['SEC_001', 'SCHEMA_001', 'AUDIT_001', 'AUDIT_002']

/** Acts that change what others may do, or that let something out. */
const NOTABLE = [
  'agent.create',
  'agent.edit',
  'agent.stop',
  'policy.save',
  'review.decide',
  'secret.create',
  'secret.reveal',
  'secret.delete',
  'server.add',
  'server.remove',
  'audit.key_rotated',
  'audit.log_started',
  'audit.archive',
  'audit.export',
]

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ')

/** What is not a plain success is in the index of severities; the rest is told by the action, or is nearly everything. */
export const TROUBLE_SQL = `(outcome <> 'success' OR code IS NOT NULL)`

/**
 * The conditions that find a severity through an index: one answers each of them in order, not several at once. Where there is
 * none, nearly every record is one.
 */
export const severityConditions = (severity: AuditSeverity): string[] => {
  if (severity === 'notice') return NOTABLE.map((action) => `audit.action = '${action}' AND ${SEVERITY_SQL} = 'notice'`)
  if (severity === 'info') return [`${SEVERITY_SQL} = 'info'`]
  return [`${SEVERITY_SQL} = '${severity}' AND ${TROUBLE_SQL}`]
}

/** The same table for SQLite. Made to be equal, blank for blank apart, to the index of migration 110. */
export const SEVERITY_SQL = `CASE WHEN code IN (${quoted(CRITICAL)}) THEN 'critical'
       WHEN outcome = 'failed' THEN 'error'
       WHEN outcome = 'denied' THEN 'warning'
       WHEN action IN (${quoted(NOTABLE)}) THEN 'notice'
       ELSE 'info' END`

/** How loud a record is. Derived, never stored: who could write it could play an act down. */
export const severityOf = (row: {
  readonly code: string | null
  readonly outcome: string
  readonly action: string
}): AuditSeverity => {
  if (row.code !== null && CRITICAL.includes(row.code)) return 'critical'
  if (row.outcome === 'failed') return 'error'
  if (row.outcome === 'denied') return 'warning'
  return NOTABLE.includes(row.action) ? 'notice' : 'info'
}
