import { RESOURCE_KINDS, type ResourceKind } from '@contract'
import type { Sql, SqlParams, Tx } from '../store'
import type { Step, Summed } from './steps'

/** Steps of one width on the disk. `scope` is an agent, or empty for all together. */
export interface ScopedStep {
  readonly scope: string
  readonly widthMs: number
  readonly step: Step
}

const columns = RESOURCE_KINDS.flatMap((kind) => ['n', 'min', 'sum', 'max', 'granted'].map((part) => `${kind}_${part}`))

/** A step that is on the disk already, from before a restart or a step back of the clock, is joined with this one. */
const KEEP = `INSERT INTO usage_steps (scope, step_ms, at, ${columns.join(', ')})
VALUES (:scope, :widthMs, :atMs, ${columns.map((column) => `:${column}`).join(', ')})
ON CONFLICT (scope, step_ms, at) DO UPDATE SET ${RESOURCE_KINDS.map(
  (kind) => `${kind}_n = ${kind}_n + excluded.${kind}_n,
  ${kind}_min = min(coalesce(${kind}_min, excluded.${kind}_min), coalesce(excluded.${kind}_min, ${kind}_min)),
  ${kind}_sum = coalesce(${kind}_sum, 0) + coalesce(excluded.${kind}_sum, 0),
  ${kind}_max = max(coalesce(${kind}_max, excluded.${kind}_max), coalesce(excluded.${kind}_max, ${kind}_max)),
  ${kind}_granted = max(${kind}_granted, excluded.${kind}_granted)`,
).join(', ')}`

/** Joined by the database: a week of minutes would be too many rows to bring over. */
const READ = `SELECT (at / :wideMs) * :wideMs AS at, ${RESOURCE_KINDS.map(
  (kind) => `sum(${kind}_n) AS ${kind}_n, min(${kind}_min) AS ${kind}_min, sum(${kind}_sum) AS ${kind}_sum,
  max(${kind}_max) AS ${kind}_max, max(${kind}_granted) AS ${kind}_granted`,
).join(', ')}
FROM usage_steps WHERE scope = :scope AND step_ms = :widthMs AND at >= :fromMs AND at <= :toMs GROUP BY 1 ORDER BY 1`

const FORGET = `DELETE FROM usage_steps WHERE (scope, step_ms, at) IN
(SELECT scope, step_ms, at FROM usage_steps WHERE step_ms = :widthMs AND at < :beforeMs LIMIT :limit)`

type Row = Readonly<Record<string, number | null>>

const summedOf = (row: Row, kind: ResourceKind): Summed => ({
  n: row[`${kind}_n`] ?? 0,
  min: row[`${kind}_min`] ?? 0,
  max: row[`${kind}_max`] ?? 0,
  sum: row[`${kind}_sum`] ?? 0,
  granted: row[`${kind}_granted`] ?? 0,
})

const paramsOf = ({ scope, widthMs, step }: ScopedStep): SqlParams => {
  const params: Record<string, string | number | null> = { scope, widthMs, atMs: step.atMs }
  for (const kind of RESOURCE_KINDS) {
    const { n, min, sum, max, granted } = step.kinds[kind]
    params[`${kind}_n`] = n
    params[`${kind}_min`] = n === 0 ? null : min
    params[`${kind}_sum`] = n === 0 ? null : sum
    params[`${kind}_max`] = n === 0 ? null : max
    params[`${kind}_granted`] = granted
  }
  return params
}

export const keepStep = (tx: Tx, step: ScopedStep): void => {
  tx.run(KEEP, paramsOf(step))
}

export interface StepsAsked {
  readonly scope: string
  readonly widthMs: number
  /** How wide they are to be: a multiple of `widthMs`. */
  readonly wideMs: number
  readonly fromMs: number
  readonly toMs: number
}

export const readSteps = (sql: Sql, asked: StepsAsked): Step[] =>
  sql.all<Row>(READ, { ...asked }).map((row) => ({
    atMs: row['at'] ?? 0,
    kinds: {
      memory: summedOf(row, 'memory'),
      cpu: summedOf(row, 'cpu'),
      disk: summedOf(row, 'disk'),
      network: summedOf(row, 'network'),
    },
  }))

/** Returns how many went; at most `limit`, so that no commit takes long. */
export const forgetSteps = (tx: Tx, of: { widthMs: number; beforeMs: number; limit: number }): number =>
  tx.run(FORGET, of)
