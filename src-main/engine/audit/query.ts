import type { AuditFilter, AuditRecord } from '@contract'
import type { Sql, SqlValue } from '../store'
import { AGENT_SQL, agentsIndexedTo, blocksOfAgent } from './agents-index'
import { type AuditRow, toRecord } from './audit-row'
import { SEVERITY_SQL, severityConditions } from './severity'
import { indexedTo, matchOf } from './text-index'

/** Counting goes no further where a filter is set. */
const MOST_COUNTED = 10_000
/** A time range with fewer records is found through its index; a wider one by walking from the newest. */
const NARROW_RANGE = 2_000
/** How many records one page looks at where no index can help. */
const WINDOW = 20_000
/** Statements that one question is made of at most. */
const MOST_WAYS = 200
const FIRST_ACTION = 'SELECT min(action) AS action FROM audit WHERE action >= ? AND action < ?'
const NEXT_ACTION = 'SELECT min(action) AS action FROM audit WHERE action > ? AND action < ?'
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

/** Every condition but those on the text and the severity. */
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

/** A part of the trail to look through, and how. */
interface Part {
  readonly from: string
  readonly seq: string
  readonly conditions: readonly string[]
  /** What else must be so, one of these: an index answers each of them in order, not several at once. */
  readonly ways: readonly string[]
  readonly params: Readonly<Record<string, SqlValue>>
}

/** Any of the severities, for where they are not looked for by an index. */
const severityIn = ({ severities }: AuditFilter): string =>
  severities === undefined ? '1' : `${SEVERITY_SQL} IN (${severities.map((severity) => `'${severity}'`).join(', ')})`

/** The acts there are of an area, each found from the one before it; no more than `MOST_WAYS`. */
const actionsIn = (sql: Sql, { actionEnd, action }: Where['params']): string[] => {
  const actions: string[] = []
  for (let next = sql.get<{ action: string | null }>(FIRST_ACTION, [action ?? '', actionEnd ?? ''])?.action; next; ) {
    actions.push(next)
    if (actions.length > MOST_WAYS) break
    next = sql.get<{ action: string | null }>(NEXT_ACTION, [next, actionEnd ?? ''])?.action
  }
  return actions
}

/** The whole table, by the indexes of severities and acts. */
const wholePart = (sql: Sql, filter: AuditFilter, { conditions, params }: Where): Part => {
  const whole = { from: 'audit', seq: 'audit.seq', conditions }
  const severities = [...new Set(filter.severities ?? [])]
  const ways = severities.length === 0 ? ['1'] : severities.flatMap(severityConditions)
  if (params['actionEnd'] === undefined || filter.correlationId !== undefined) return { ...whole, ways, params }
  const actions = actionsIn(sql, params)
  if (actions.length === 0) return { ...whole, ways: ['0'], params }
  if (actions.length * ways.length > MOST_WAYS) return { ...whole, ways, params }
  return {
    ...whole,
    ways: ways.flatMap((way) => actions.map((_, n) => `${way} AND audit.action = :action${n}`)),
    params: { ...params, ...Object.fromEntries(actions.map((action, n) => [`action${n}`, action])) },
  }
}

/** No more than a window, where no index can help. */
const windowOf = (
  sql: Sql,
  filter: AuditFilter,
  { conditions, params, beforeSeq }: Where & { beforeSeq: number },
): { parts: Part[]; lowest: number } => {
  const newest = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
  const lowest = Math.max(0, Math.min(beforeSeq, newest + 1) - WINDOW)
  const within = {
    from: 'audit',
    seq: 'audit.seq',
    conditions: [...conditions, 'audit.seq >= :lowest'],
    ways: [severityIn(filter)],
    params: { ...params, lowest },
  }
  return { parts: [within], lowest }
}

/** What the index of agents does not know yet, then what it knows, block by block. */
const agentParts = (sql: Sql, filter: AuditFilter, { conditions, params }: Where): Part[] => {
  const indexed = agentsIndexedTo(sql)
  const ways = [severityIn(filter)]
  return [
    {
      from: 'audit',
      seq: 'audit.seq',
      conditions: [...conditions, 'audit.seq > :indexed'],
      ways,
      params: { ...params, indexed },
    },
    ...blocksOfAgent(sql, filter.agentId ?? '').map((block) => ({
      from: 'audit_agents CROSS JOIN audit ON audit.seq = audit_agents.seq',
      seq: 'audit_agents.seq',
      conditions: [
        'audit_agents.block = :block',
        'audit_agents.agent_id = :agentId',
        'audit_agents.seq <= :indexed',
        ...conditions,
      ],
      ways,
      params: { ...params, indexed, block },
    })),
  ]
}

const partsOf = (sql: Sql, filter: AuditFilter, beforeSeq: number): { parts: Part[]; lowest: number } => {
  const narrow = isNarrow(sql, filter)
  const { conditions, params } = whereOf(filter, narrow ? 'at' : '+at')
  const text = filter.text ?? ''
  if (text === '') {
    if (isCommonplace(filter)) return windowOf(sql, filter, { conditions, params, beforeSeq })
    const byAgent = filter.agentId !== undefined && filter.correlationId === undefined && !narrow
    const parts = byAgent
      ? agentParts(sql, filter, { conditions, params })
      : [wholePart(sql, filter, { conditions, params })]
    return { parts, lowest: 0 }
  }
  const withText = { conditions: [...conditions, TEXT_CONDITION], params: { ...params, text: `%${escapeLike(text)}%` } }
  const match = matchOf(text)
  if (match === null) return windowOf(sql, filter, { ...withText, beforeSeq })
  const indexed = indexedTo(sql)
  const ways = [severityIn(filter)]
  return {
    parts: [
      // Not indexed yet: a few thousand at most.
      {
        from: 'audit',
        seq: 'audit.seq',
        conditions: [...withText.conditions, 'audit.seq > :indexed'],
        ways,
        params: { ...withText.params, indexed },
      },
      {
        from: 'audit_text CROSS JOIN audit ON audit.seq = audit_text.rowid',
        seq: 'audit_text.rowid',
        conditions: ['audit_text MATCH :match', 'audit_text.rowid <= :indexed', ...withText.conditions],
        ways,
        params: { ...withText.params, match, indexed },
      },
    ],
    lowest: 0,
  }
}

/** `base` for each of its ways, as one statement. */
const eachWay = ({ ways }: Part, base: (way: string) => string): string =>
  ways.length === 1 ? base(ways.join()) : ways.map((way) => `SELECT * FROM (${base(way)})`).join(' UNION ALL ')

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
    if (total >= MOST_COUNTED) break
    const base = (way: string): string =>
      `SELECT 1 FROM ${part.from} WHERE ${conditionsOf(part, way)} LIMIT ${MOST_COUNTED}`
    total += sql.get<{ n: number }>(`SELECT count(*) AS n FROM (${eachWay(part, base)})`, part.params)?.n ?? 0
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
    const base = (way: string): string =>
      `SELECT audit.* FROM ${part.from} WHERE ${conditionsOf(part, way, `${part.seq} < :before`)}
       ORDER BY ${part.seq} DESC LIMIT :wanted`
    rows.push(
      ...sql.all<AuditRow>(`SELECT * FROM (${eachWay(part, base)}) ORDER BY seq DESC LIMIT :wanted`, {
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
  const all = [...conditions, ...(filter.text === undefined || filter.text === '' ? [] : [TEXT_CONDITION])]
  const text = filter.text === undefined || filter.text === '' ? {} : { text: `%${escapeLike(filter.text)}%` }
  const where = { conditions: all, params: { ...params, ...text } }
  const parts: readonly Part[] =
    filter.agentId === undefined
      ? [{ from: 'audit', seq: 'audit.seq', ways: [severityIn(filter)], ...where }]
      : agentParts(sql, filter, where).toReversed()
  const rows: AuditRow[] = []
  for (const part of parts) {
    if (rows.length === range.limit) break
    const found = sql.all<AuditRow>(
      `SELECT audit.* FROM ${part.from} WHERE ${conditionsOf(part, ...part.ways, `${part.seq} > :afterSeq`)}
       ORDER BY ${part.seq} LIMIT :wanted`,
      { ...part.params, afterSeq: range.afterSeq, wanted: range.limit - rows.length },
    )
    rows.push(...found)
  }
  return rows.map(toRecord)
}
