import type { AgentState, Restart, StateChange } from '@contract'

/** A time spent in one state. */
export interface Stay {
  readonly seq: number
  readonly state: AgentState
  readonly fromMs: number
  /** Null for the present state. */
  readonly toMs: number | null
  readonly reason: string
}

/** A stay as it is drawn: percent of the width. */
export interface Segment extends Stay {
  readonly leftPercent: number
  readonly widthPercent: number
}

export const SPANS = { hour: 3_600_000, day: 86_400_000, all: Number.POSITIVE_INFINITY } as const
export type Span = keyof typeof SPANS

/** The changes as stays, oldest first. */
export const staysOf = (changes: readonly StateChange[]): readonly Stay[] => {
  const inOrder = [...changes].sort((a, b) => a.seq - b.seq)
  return inOrder.map(({ seq, to, atMs, reason }, index) => ({
    seq,
    state: to,
    fromMs: atMs,
    toMs: inOrder[index + 1]?.atMs ?? null,
    reason,
  }))
}

/** The shortest span that holds a change, so that the track is not one plain bar; everything when there is none. */
export const spanFor = (stays: readonly Stay[], nowMs: number): Span => {
  const last = stays.at(-1)?.fromMs ?? nowMs
  const first = stays[0]?.fromMs ?? nowMs
  if (nowMs - first <= SPANS.hour) return 'all'
  return nowMs - last <= SPANS.hour ? 'hour' : nowMs - last <= SPANS.day ? 'day' : 'all'
}

export interface Track {
  readonly fromMs: number
  readonly toMs: number
  readonly segments: readonly Segment[]
}

/** What is drawn for a span that ends now. What began earlier is cut, what ended earlier is left out. */
export const trackOf = (stays: readonly Stay[], span: Span, nowMs: number): Track => {
  const fromMs = Math.max(stays[0]?.fromMs ?? nowMs, nowMs - SPANS[span])
  const wide = Math.max(1, nowMs - fromMs)
  const percent = (ms: number) => (Math.min(wide, Math.max(0, ms)) / wide) * 100
  const segments = stays
    .filter((stay) => (stay.toMs ?? nowMs) >= fromMs)
    .map((stay) => {
      const left = percent(stay.fromMs - fromMs)
      return { ...stay, leftPercent: left, widthPercent: percent((stay.toMs ?? nowMs) - fromMs) - left }
    })
  return { fromMs, toMs: nowMs, segments }
}

export type TimelineEntry =
  | { readonly kind: 'state'; readonly atMs: number; readonly change: StateChange; readonly lastedMs: number | null }
  | { readonly kind: 'restart'; readonly atMs: number; readonly restart: Restart }

/** Changes of state and restarts together, newest first. */
export const timelineOf = (changes: readonly StateChange[], restarts: readonly Restart[]): readonly TimelineEntry[] => {
  const inOrder = [...changes].sort((a, b) => a.seq - b.seq)
  const states = inOrder.map((change, index): TimelineEntry => {
    const next = inOrder[index + 1]
    return { kind: 'state', atMs: change.atMs, change, lastedMs: next === undefined ? null : next.atMs - change.atMs }
  })
  const again = restarts.map((restart): TimelineEntry => ({ kind: 'restart', atMs: restart.atMs, restart }))
  const order = [...states.reverse(), ...again]
  return order.sort((a, b) => b.atMs - a.atMs)
}
