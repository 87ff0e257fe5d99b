import type { AuditFilter, AuditRecord } from '@contract'
import type { Sql, SqlParams, SqlValue } from '../store'
import { AGENT_SQL, agentsIndexedTo } from './agents-index'
import { type AuditRow, toRecord } from './audit-row'
import { SEVERITY_SQL, severityConditions } from './severity'
import { indexedTo, matchOf } from './text-index'

/** Counting goes no further where a filter is set. */
const MOST_COUNTED = 10_000
/** A time range with fewer records is found through its index; a wider one by walking from the newest. */
const NARROW_RANGE = 2_000
/** How many records one page looks at where no index can help. */
const WINDOW = 20_000
const TEXT_COLUMNS = ['action', 'resource', 'actor_id', 'reason'] as const

export interface AuditQuery {
  readonly filter: AuditFilter
  readonly beforeSeq?: number | undefined
  readonly limit: number
}

export interface AuditQueryPage {
  readonly records: AuditRecord[]
  readonly nextBeforeSeq: number | null
  readonly total: number
}

interface Where {
  readonly conditions: readonly string[]
  readonly params: Readonly<Record<string, SqlValue>>
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (character) => `\\${character}`)

const TEXT_CONDITION = `(${TEXT_COLUMNS.map((column) => `audit.${column} LIKE :text ESCAPE '\\'`).join(' OR ')})`

/** Every condition but the one on the text; a severity is one of several statements. */
const whereOf = (filter: AuditFilter, timeColumn: 'at' | '+at'): Where => {
  const conditions: string[] = []
  const params: Record<string, SqlValue> = {}
  const add = (condition: string, name: string, value: SqlValue | undefined): void => {
    if (value === undefined) return
    conditions.push(condition)
    params[name] = value
  }
  add('correlation_id = :correlationId', 'correlationId', filter.correlationId)
  // What nearly every record has is in no index; the second half of a condition is that of the index, word for word.
  const isSuccess = filter.outcome === 'success'
  add(`outcome = :outcome${isSuccess ? '' : " AND outcome <> 'success'"}`, 'outcome', filter.outcome)
  const isEngine = filter.actorKind === 'engine'
  add(`actor_kind = :actorKind${isEngine ? '' : " AND actor_kind <> 'engine'"}`, 'actorKind', filter.actorKind)
  add('audit.actor_id = :actorId', 'actorId', filter.actorId)
  if (filter.agentId !== undefined) {
    // Looking for its text costs much less than reading the details as what they are, where JSON has it as it is.
    if (/^[\w-]+$/.test(filter.agentId)) conditions.push('(audit.actor_id = :agentId OR instr(details, :agentId) > 0)')
    add(`${AGENT_SQL} = :agentId`, 'agentId', filter.agentId)
  }
  add(`${timeColumn} >= :fromMs`, 'fromMs', filter.fromMs)
  add(`${timeColumn} < :beforeMs`, 'beforeMs', filter.beforeMs)
  if (filter.action?.endsWith('.') === true) {
    add('audit.action >= :action', 'action', filter.action)
    // The sign after the dot: everything that begins with the prefix stands before it.
    add('audit.action < :actionEnd', 'actionEnd', `${filter.action.slice(0, -1)}/`)
  } else add('audit.action = :action', 'action', filter.action)
  return { conditions, params }
}

const isNarrow = (sql: Sql, filter: AuditFilter): boolean => {
  if (filter.fromMs === undefined && filter.beforeMs === undefined) return false
  const found = sql.get<{ n: number }>(
    'SELECT count(*) AS n FROM (SELECT 1 FROM audit WHERE at >= :fromMs AND at < :beforeMs LIMIT :most)',
    { fromMs: filter.fromMs ?? 0, beforeMs: filter.beforeMs ?? Number.MAX_SAFE_INTEGER, most: NARROW_RANGE },
  )
  return (found?.n ?? 0) < NARROW_RANGE
}

/**
 * Whether only what nearly every record has is asked for. Most often the newest records are such ones; where they are not, no
 * more than a window is looked at for one page.
 */
const isCommonplace = (filter: AuditFilter): boolean => {
  const { correlationId, actorId, agentId, action, fromMs, beforeMs, outcome, actorKind, severities } = filter
  if ([correlationId, actorId, agentId, action, fromMs, beforeMs].some((value) => value !== undefined)) return false
  if ((outcome ?? 'success') !== 'success' || (actorKind ?? 'engine') !== 'engine') return false
  return outcome !== undefined || actorKind !== undefined || severities?.includes('info') === true
}

/** `base` once for each way of finding the severities that are asked for. */
const perSeverity = (filter: AuditFilter, base: (condition: string) => string): string => {
  const severities = [...new Set(filter.severities ?? [])]
  if (severities.length === 0) return base('1')
  return severities
    .flatMap(severityConditions)
    .map((condition) => `SELECT * FROM (${base(condition)})`)
    .join(' UNION ALL ')
}

/** A part of the trail to look through, and how. */
interface Part {
  readonly from: string
  readonly seq: string
  readonly conditions: readonly string[]
  readonly params: SqlParams
}

/** No more than a window, where no index can help. */
const windowOf = (sql: Sql, { conditions, params }: Where, beforeSeq: number): { parts: Part[]; lowest: number } => {
  const newest = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
  const lowest = Math.max(0, Math.min(beforeSeq, newest + 1) - WINDOW)
  const within = [...conditions, 'audit.seq >= :lowest']
  return {
    parts: [{ from: 'audit', seq: 'audit.seq', conditions: within, params: { ...params, lowest } }],
    lowest,
  }
}

/** What the index of agents does not know yet, then what it knows. */
const agentParts = (sql: Sql, { conditions, params }: Where): Part[] => {
  const indexed = agentsIndexedTo(sql)
  return [
    {
      from: 'audit',
      seq: 'audit.seq',
      conditions: [...conditions, 'audit.seq > :indexed'],
      params: { ...params, indexed },
    },
    {
      from: 'audit_agents CROSS JOIN audit ON audit.seq = audit_agents.seq',
      seq: 'audit_agents.seq',
      conditions: ['audit_agents.agent_id = :agentId', 'audit_agents.seq <= :indexed', ...conditions],
      params: { ...params, indexed },
    },
  ]
}

const partsOf = (sql: Sql, filter: AuditFilter, beforeSeq: number): { parts: Part[]; lowest: number } => {
  const narrow = isNarrow(sql, filter)
  const { conditions, params } = whereOf(filter, narrow ? 'at' : '+at')
  const text = filter.text ?? ''
  if (text === '') {
    if (isCommonplace(filter)) return windowOf(sql, { conditions, params }, beforeSeq)
    const byAgent = filter.agentId !== undefined && filter.correlationId === undefined && !narrow
    const parts = byAgent
      ? agentParts(sql, { conditions, params })
      : [{ from: 'audit', seq: 'audit.seq', conditions, params }]
    return { parts, lowest: 0 }
  }
  const withText = { conditions: [...conditions, TEXT_CONDITION], params: { ...params, text: `%${escapeLike(text)}%` } }
  const match = matchOf(text)
  if (match === null) return windowOf(sql, withText, beforeSeq)
  const indexed = indexedTo(sql)
  return {
    parts: [
      // Not indexed yet: a few thousand at most.
      {
        from: 'audit',
        seq: 'audit.seq',
        conditions: [...withText.conditions, 'audit.seq > :indexed'],
        params: { ...withText.params, indexed },
      },
      {
        from: 'audit_text CROSS JOIN audit ON audit.seq = audit_text.rowid',
        seq: 'audit_text.rowid',
        conditions: ['audit_text MATCH :match', 'audit_text.rowid <= :indexed', ...withText.conditions],
        params: { ...withText.params, match, indexed },
      },
    ],
    lowest: 0,
  }
}

const conditionsOf = (part: Part, ...more: string[]): string => [...part.conditions, ...more].join(' AND ')

const totalOf = (sql: Sql, filter: AuditFilter, parts: readonly Part[]): number => {
  if (Object.values(filter).every((value) => value === undefined || value === '')) {
    const ends = sql.get<{ first: number | null; last: number | null }>(
      'SELECT (SELECT min(seq) FROM audit) AS first, (SELECT max(seq) FROM audit) AS last',
    )
    return ends?.first == null || ends.last === null ? 0 : ends.last - ends.first + 1
  }
  let total = 0
  for (const part of parts) {
    const base = (severity: string): string =>
      `SELECT 1 FROM ${part.from} WHERE ${conditionsOf(part, severity)} LIMIT ${MOST_COUNTED}`
    total += sql.get<{ n: number }>(`SELECT count(*) AS n FROM (${perSeverity(filter, base)})`, part.params)?.n ?? 0
  }
  return Math.min(total, MOST_COUNTED)
}

/** A page of records, newest first. */
export const listRecords = (sql: Sql, { filter, beforeSeq, limit }: AuditQuery): AuditQueryPage => {
  const before = beforeSeq ?? Number.MAX_SAFE_INTEGER
  const { parts, lowest } = partsOf(sql, filter, before)
  const rows: AuditRow[] = []
  for (const part of parts) {
    const wanted = limit + 1 - rows.length
    if (wanted <= 0) break
    const base = (severity: string): string =>
      `SELECT audit.* FROM ${part.from} WHERE ${conditionsOf(part, severity, `${part.seq} < :before`)}
       ORDER BY ${part.seq} DESC LIMIT :wanted`
    rows.push(
      ...sql.all<AuditRow>(`SELECT * FROM (${perSeverity(filter, base)}) ORDER BY seq DESC LIMIT :wanted`, {
        ...part.params,
        before,
        wanted,
      }),
    )
  }
  const page = rows.slice(0, limit)
  const more = rows.length > limit ? (page.at(-1)?.seq ?? null) : lowest > 1 ? lowest : null
  return { records: page.map(toRecord), nextBeforeSeq: more, total: totalOf(sql, filter, parts) }
}

/** Records after `afterSeq`, oldest first: what a live tail sends next. */
export const recordsAfter = (
  sql: Sql,
  filter: AuditFilter,
  range: { afterSeq: number; limit: number },
): AuditRecord[] => {
  const { conditions, params } = whereOf(filter, '+at')
  const severities = filter.severities?.map((severity) => `'${severity}'`).join(', ')
  const all = [
    ...conditions,
    ...(severities === undefined ? [] : [`${SEVERITY_SQL} IN (${severities})`]),
    ...(filter.text === undefined || filter.text === '' ? [] : [TEXT_CONDITION]),
  ]
  const text = filter.text === undefined || filter.text === '' ? {} : { text: `%${escapeLike(filter.text)}%` }
  const where = { conditions: all, params: { ...params, ...text } }
  const parts =
    filter.agentId === undefined ? [{ from: 'audit', seq: 'audit.seq', ...where }] : agentParts(sql, where).toReversed()
  const rows: AuditRow[] = []
  for (const part of parts) {
    if (rows.length === range.limit) break
    const found = sql.all<AuditRow>(
      `SELECT audit.* FROM ${part.from} WHERE ${conditionsOf(part, `${part.seq} > :afterSeq`)}
       ORDER BY ${part.seq} LIMIT :wanted`,
      { ...part.params, afterSeq: range.afterSeq, wanted: range.limit - rows.length },
    )
    rows.push(...found)
  }
  return rows.map(toRecord)
}
