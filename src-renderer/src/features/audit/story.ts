import type { AuditRecord, Json } from '@contract'

/** What a record of one correlation id is about. */
export type Lane = 'run' | 'approval' | 'tool' | 'secret' | 'memory' | 'message' | 'other'

const LANES: Readonly<Record<string, Lane>> = {
  agent: 'run',
  run: 'run',
  approval: 'approval',
  tool: 'tool',
  review: 'tool',
  secret: 'secret',
  memory: 'memory',
  knowledge: 'memory',
  bus: 'message',
}

export const laneOf = ({ action }: Pick<AuditRecord, 'action'>): Lane => LANES[action.split('.')[0] ?? ''] ?? 'other'

export interface PolicyStep {
  readonly effect: string
  readonly rule: string | null
}

export interface StoryStep {
  readonly record: AuditRecord
  readonly lane: Lane
  /** Milliseconds since the first record. */
  readonly sinceStartMs: number
  /** What the policy said about it; null when it was not asked or not recorded. */
  readonly policy: PolicyStep | null
  /** Ids of the approval and the grant that it came by. */
  readonly approvalId: string | null
  readonly grantId: string | null
  readonly digest: string | null
}

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)

const policyOf = (details: AuditRecord['details']): PolicyStep | null => {
  const decided = details['policy']
  if (typeof decided !== 'object' || decided === null || Array.isArray(decided)) return null
  const effect = text(decided['effect'])
  return effect === null ? null : { effect, rule: text(decided['rule']) }
}

/** Everything that happened under one correlation id, in the order of time. */
export const storyOf = (records: readonly AuditRecord[]): readonly StoryStep[] => {
  const ordered = [...records].sort((a, b) => a.seq - b.seq)
  const startMs = ordered[0]?.atMs ?? 0
  return ordered.map((record) => ({
    record,
    lane: laneOf(record),
    sinceStartMs: Math.max(0, record.atMs - startMs),
    policy: policyOf(record.details),
    approvalId: text(record.details['approval']),
    grantId: text(record.details['grant']),
    digest: text(record.details['digest']),
  }))
}
