import type { Amounts, ResourceKind, Usage } from '@contract'
import { FIELD_OF } from './amounts'

/** What is kept of all measurements of one kind within one stretch of time. Joins without loss: no mean of means. */
export interface Summed {
  readonly n: number
  /** Both 0 where `n` is. */
  readonly min: number
  readonly max: number
  readonly sum: number
  /** The most that was granted within it. */
  readonly granted: number
}

/** One step: all measurements from `atMs` on, up to the next. */
export interface Step {
  readonly atMs: number
  readonly kinds: Readonly<Record<ResourceKind, Summed>>
}

/** One measurement of one agent, or of all together. A kind that was not told is null and counts as nothing. */
export interface Measured {
  readonly used: Usage
  readonly granted: Amounts
}

const joinSummed = (a: Summed, b: Summed): Summed => {
  const granted = Math.max(a.granted, b.granted)
  if (a.n === 0) return { ...b, granted }
  if (b.n === 0) return { ...a, granted }
  return { n: a.n + b.n, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), sum: a.sum + b.sum, granted }
}

const record = <T>(of: (kind: ResourceKind) => T): Record<ResourceKind, T> => ({
  memory: of('memory'),
  cpu: of('cpu'),
  disk: of('disk'),
  network: of('network'),
})

export const stepOf = (atMs: number, { used, granted }: Measured): Step => ({
  atMs,
  kinds: record((kind) => {
    const value = used[FIELD_OF[kind]]
    const limit = granted[FIELD_OF[kind]]
    return value === null
      ? { n: 0, min: 0, max: 0, sum: 0, granted: limit }
      : { n: 1, min: value, max: value, sum: value, granted: limit }
  }),
})

/** Both in one, beginning with the first. */
export const join = (a: Step, b: Step): Step => ({
  atMs: a.atMs,
  kinds: record((kind) => joinSummed(a.kinds[kind], b.kinds[kind])),
})

/** Where the step of this width begins that a moment falls in. */
export const startOf = (atMs: number, widthMs: number): number => Math.floor(atMs / widthMs) * widthMs

/** Put steps into wider ones. Where nothing was measured there is none: a gap stays a gap. */
export const widen = (steps: Iterable<Step>, widthMs: number): Step[] => {
  const wide = new Map<number, Step>()
  for (const step of steps) {
    const atMs = startOf(step.atMs, widthMs)
    const before = wide.get(atMs)
    wide.set(atMs, before === undefined ? { ...step, atMs } : join(before, step))
  }
  return [...wide.values()].sort((a, b) => a.atMs - b.atMs)
}

/**
 * The width at which a window has at most `points` steps, as a multiple of the width of what is kept.
 * Steps begin at multiples of their width, so a window can touch one more than fit into it; hence the −1.
 */
export const widthFor = (window: { fromMs: number; toMs: number; points: number }, keptMs: number): number => {
  const spanMs = Math.max(0, window.toMs - window.fromMs)
  return Math.max(1, Math.ceil(spanMs / Math.max(1, window.points - 1) / keptMs)) * keptMs
}
