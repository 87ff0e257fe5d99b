import type { AuditFilter, AuditRecord } from '@contract'
import type { Sql, SqlParams, SqlValue } from '../store'
import { type AuditRow, toRecord } from './audit-row'
import { SEVERITY_SQL } from './severity'
import { indexedTo, matchOf } from './text-index'

/** Which agent a record is about: the one that acted, or the one that is named. Word for word as its index has it. */
const AGENT_SQL = `CASE WHEN actor_kind = 'agent' THEN actor_id WHEN json_valid(details) THEN json_extract(details, '$.agentId') END`

/** Counting goes no further where a filter is set. */
const MOST_COUNTED = 10_000
/** A time range with fewer records is found through its index; a wider one by walking from the newest. */
const NARROW_RANGE = 2_000
/** How many records one page looks at for a text too short for the index. */
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
  add('outcome = :outcome', 'outcome', filter.outcome)
  add('actor_kind = :actorKind', 'actorKind', filter.actorKind)
  add('audit.actor_id = :actorId', 'actorId', filter.actorId)
  add(`${AGENT_SQL} = :agentId`, 'agentId', filter.agentId)
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

/** `base` once for each severity that is asked for: an index answers one of them in order, not several at once. */
const perSeverity = (filter: AuditFilter, base: (condition: string) => string): string => {
  const severities = [...new Set(filter.severities ?? [])]
  if (severities.length === 0) return base('1')
  return severities.map((severity) => `SELECT * FROM (${base(`${SEVERITY_SQL} = '${severity}'`)})`).join(' UNION ALL ')
}

/** A part of the trail to look through, and how. */
interface Part {
  readonly from: string
  readonly seq: string
  readonly conditions: readonly string[]
  readonly params: SqlParams
}

const partsOf = (sql: Sql, filter: AuditFilter, beforeSeq: number): { parts: Part[]; lowest: number } => {
  const { conditions, params } = whereOf(filter, isNarrow(sql, filter) ? 'at' : '+at')
  const text = filter.text ?? ''
  if (text === '') return { parts: [{ from: 'audit', seq: 'audit.seq', conditions, params }], lowest: 0 }
  const withText = { conditions: [...conditions, TEXT_CONDITION], params: { ...params, text: `%${escapeLike(text)}%` } }
  const match = matchOf(text)
  if (match === null) {
    const newest = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
    const lowest = Math.max(0, Math.min(beforeSeq, newest + 1) - WINDOW)
    const within = [...withText.conditions, 'audit.seq >= :lowest']
    return {
      parts: [{ from: 'audit', seq: 'audit.seq', conditions: within, params: { ...withText.params, lowest } }],
      lowest,
    }
  }
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
    'audit.seq > :afterSeq',
    ...conditions,
    ...(severities === undefined ? [] : [`${SEVERITY_SQL} IN (${severities})`]),
    ...(filter.text === undefined || filter.text === '' ? [] : [TEXT_CONDITION]),
  ]
  return sql
    .all<AuditRow>(`SELECT * FROM audit WHERE ${all.join(' AND ')} ORDER BY seq LIMIT :limit`, {
      ...params,
      ...(filter.text === undefined || filter.text === '' ? {} : { text: `%${escapeLike(filter.text)}%` }),
      afterSeq: range.afterSeq,
      limit: range.limit,
    })
    .map(toRecord)
}
