import { RESOURCE_KINDS, type ResourceKind } from '@contract'
import type { Sql, Tx } from '../store'
import { join, type Step, type Summed } from './steps'

/** Steps of one width on the disk. `scope` is an agent, or empty for all together. */
export interface ScopedStep {
  readonly scope: string
  readonly widthMs: number
  readonly step: Step
}

/** What is kept of each kind, in this order. */
const PARTS = ['n', 'min', 'sum', 'max', 'granted'] as const satisfies readonly (keyof Summed)[]
const DOUBLE_BYTES = 8
const FIGURES_BYTES = RESOURCE_KINDS.length * PARTS.length * DOUBLE_BYTES

/** All figures of a step as one value: a column for each would cost ten times as much to read. */
const packed = ({ kinds }: Step): Buffer => {
  const figures = Buffer.alloc(FIGURES_BYTES)
  let offset = 0
  for (const kind of RESOURCE_KINDS) for (const part of PARTS) offset = figures.writeDoubleLE(kinds[kind][part], offset)
  return figures
}

const unpacked = (atMs: number, figures: Buffer): Step => {
  const summedOf = (kind: ResourceKind): Summed => {
    const first = RESOURCE_KINDS.indexOf(kind) * PARTS.length
    const figure = (part: (typeof PARTS)[number]): number =>
      figures.readDoubleLE((first + PARTS.indexOf(part)) * DOUBLE_BYTES)
    return { n: figure('n'), min: figure('min'), sum: figure('sum'), max: figure('max'), granted: figure('granted') }
  }
  return {
    atMs,
    kinds: {
      memory: summedOf('memory'),
      cpu: summedOf('cpu'),
      disk: summedOf('disk'),
      network: summedOf('network'),
    },
  }
}

interface Row {
  readonly at: number
  readonly figures: Buffer
}

/** True when the step is a new row; one that is there already, from before a restart, is joined with this one. */
export const keepStep = (tx: Tx, { scope, widthMs, step }: ScopedStep): boolean => {
  const key = { scope, widthMs, atMs: step.atMs }
  const isNew =
    tx.run(
      `INSERT INTO usage_steps (scope, step_ms, at, figures) VALUES (:scope, :widthMs, :atMs, :figures)
       ON CONFLICT (scope, step_ms, at) DO NOTHING`,
      { ...key, figures: packed(step) },
    ) > 0
  if (isNew) return true
  const row = tx.get<Row>(
    'SELECT at, figures FROM usage_steps WHERE scope = :scope AND step_ms = :widthMs AND at = :atMs',
    key,
  )
  if (row !== undefined)
    tx.run('UPDATE usage_steps SET figures = :figures WHERE scope = :scope AND step_ms = :widthMs AND at = :atMs', {
      ...key,
      figures: packed(join(unpacked(row.at, row.figures), step)),
    })
  return false
}

export interface StepsAsked {
  readonly scope: string
  readonly widthMs: number
  readonly fromMs: number
  readonly toMs: number
}

export const readSteps = (sql: Sql, asked: StepsAsked): Step[] =>
  sql
    .all<Row>(
      `SELECT at, figures FROM usage_steps
       WHERE scope = :scope AND step_ms = :widthMs AND at >= :fromMs AND at <= :toMs ORDER BY at`,
      { ...asked },
    )
    .map(({ at, figures }) => unpacked(at, figures))

/** Returns how many went; at most `limit`, so that no commit takes long. */
export const forgetSteps = (tx: Tx, of: { widthMs: number; beforeMs: number; limit: number }): number =>
  tx.run(
    `DELETE FROM usage_steps WHERE (scope, step_ms, at) IN
     (SELECT scope, step_ms, at FROM usage_steps WHERE step_ms = :widthMs AND at < :beforeMs LIMIT :limit)`,
    of,
  )
