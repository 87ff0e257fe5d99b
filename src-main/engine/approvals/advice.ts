import type { ApprovalAdvice, Consequence, SecurityTier } from '@contract'
import type { Sql } from '../store'

/** What the advice is made from: decisions of people about acts of agents. */
interface Answered {
  readonly caller_name: string
  readonly tier: SecurityTier | null
  readonly action: string
  readonly resource_type: string
  readonly resource: string
  readonly operation: string
  readonly consequence: Consequence
  readonly rule: string | null
  readonly status: 'approved' | 'denied'
  readonly decided_at: number
}

export interface AdvicePorts {
  readonly sql: Sql
  /** Priority of the rule that asks today; the advised rule has to stand above it. */
  readonly priorityOf: (rule: string | null) => number
  /** Whether the policy in force would still ask. */
  readonly stillAsks: (answered: {
    readonly agentName: string
    readonly tier: SecurityTier | null
    readonly resourceType: string
    readonly resource: string
    readonly operation: string
  }) => boolean
}

const LOOKED_AT = 500
const ENOUGH = 3

/** The folder of a path, or the server of a tool: what one star can stand for. */
const wider = (row: Answered): string | null => {
  const cut = Math.max(row.resource.lastIndexOf('/'), row.resource_type === 'Tool' ? row.resource.lastIndexOf('.') : -1)
  return cut <= 0 ? null : `${row.resource.slice(0, cut + 1)}*`
}

/** A name with signs that mean something in a pattern would make a rule say more than the person did. */
const isPlain = (text: string): boolean => !/[*?[\]{}\\]/.test(text) && !/\p{C}/u.test(text)

const quoted = (text: string): string => JSON.stringify(text)

const ruleText = (row: Answered, pattern: string, priority: number, prompts: number): string => {
  const effect = row.status === 'approved' ? 'Allow' : 'Deny'
  const id = `${effect.toLowerCase()} ${row.caller_name}: ${row.operation} ${row.resource_type} ${pattern}`.slice(
    0,
    200,
  )
  const past = row.status === 'approved' ? 'approved' : 'denied'
  return [
    `  - id: ${quoted(id)}`,
    `    effect: ${effect}`,
    `    priority: ${priority}`,
    `    reason: ${quoted(`A person ${past} this ${prompts} times in a row.`)}`,
    '    match:',
    `      agents: [${quoted(row.caller_name)}]`,
    `      resource_type: ${row.resource_type}`,
    `      resources: [${quoted(pattern)}]`,
    `      operations: [${row.operation}]`,
    '',
  ].join('\n')
}

/** The newest answers of a group, as long as they are all the same. */
const streak = (rows: readonly Answered[]): readonly Answered[] => {
  const other = rows.findIndex((row) => row.status !== rows[0]?.status)
  return other === -1 ? rows : rows.slice(0, other)
}

const groups = (rows: readonly Answered[], patternOf: (row: Answered) => string | null) => {
  const found = new Map<string, { pattern: string; rows: Answered[] }>()
  for (const row of rows) {
    const pattern = patternOf(row)
    if (pattern === null) continue
    const key = [row.caller_name, row.action, row.resource_type, row.operation, pattern].join('\n')
    const group = found.get(key)
    if (group === undefined) found.set(key, { pattern, rows: [row] })
    else group.rows.push(row)
  }
  return [...found.values()]
}

/**
 * Which rule would have answered the last equal questions: same agent, same action, same resource or same folder, at least
 * three in a row answered the same way. Nothing that destroys is ever advised to be allowed.
 */
export const adviceFrom = ({ sql, priorityOf, stillAsks }: AdvicePorts): ApprovalAdvice[] => {
  const rows = sql
    .all<Answered>(
      `SELECT caller_name, tier, action, resource_type, resource, operation, consequence, rule, status, decided_at FROM approvals
       WHERE decided_at IS NOT NULL AND caller_kind = 'agent' AND status IN ('approved', 'denied')
         AND decided_by_kind IN ('operator', 'cli')
       ORDER BY decided_at DESC, id DESC LIMIT ${LOOKED_AT}`,
    )
    .filter((row) => isPlain(row.resource) && !(row.status === 'approved' && row.consequence === 'destroy'))

  const advised = (found: ReturnType<typeof groups>): ApprovalAdvice[] =>
    found.flatMap(({ pattern, rows: all }) => {
      const same = streak(all)
      const [newest] = same
      if (newest === undefined || same.length < ENOUGH) return []
      const { caller_name: agentName, tier, resource_type: resourceType, resource, operation } = newest
      if (!stillAsks({ agentName, tier, resourceType, resource, operation })) return []
      return [
        {
          agentName,
          action: newest.action,
          resourceType,
          resourcePattern: pattern,
          consequence: newest.consequence,
          decided: newest.status,
          prompts: same.length,
          lastAtMs: newest.decided_at,
          ruleText: ruleText(newest, pattern, priorityOf(newest.rule) + 1, same.length),
        },
      ]
    })

  const exact = advised(groups(rows, (row) => row.resource))
  const several = (group: { rows: readonly Answered[] }): boolean =>
    new Set(streak(group.rows).map((row) => row.resource)).size > 1
  const folders = advised(groups(rows, wider).filter(several))
  return [...folders, ...exact].sort((a, b) => b.prompts - a.prompts || b.lastAtMs - a.lastAtMs)
}
