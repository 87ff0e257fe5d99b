import { PRIORITIES, type Priority } from '@contract'
import type { QueueEntry } from './types'

/** 0 for low to 3 for critical. */
export type Level = 0 | 1 | 2 | 3
export const LEVELS: readonly Level[] = [0, 1, 2, 3]
export const TOP: Level = 3

const LEVEL_OF: Readonly<Record<Priority, Level>> = { low: 0, normal: 1, high: 2, critical: 3 }

export const levelOf = (priority: Priority): Level => LEVEL_OF[priority]
export const priorityOf = (level: number): Priority => PRIORITIES[level] ?? 'critical'

/**
 * From when on a run waits for a place: from being asked for, or from the earliest time it may start. Waiting on purpose
 * makes nobody more urgent.
 */
export const sinceOf = (entry: Pick<QueueEntry, 'queuedAtMs' | 'notBeforeMs'>): number =>
  Math.max(entry.queuedAtMs, entry.notBeforeMs ?? 0)

/** One level more for each whole interval waited; critical is the top. */
export const effectiveLevel = (level: Level, waitedMs: number, ageingIntervalMs: number): number =>
  Math.min(TOP, level + Math.max(0, Math.floor(waitedMs / ageingIntervalMs)))

/** What the order goes by. `seq` tells apart what was asked for within the same millisecond. */
export interface Ranked {
  readonly level: Level
  readonly sinceMs: number
  readonly seq: number
}

export const firstInFirstOut = (a: Ranked, b: Ranked): number => a.sinceMs - b.sinceMs || a.seq - b.seq

/** Negative when `a` starts before `b`: the higher effective priority, then who has waited longer. */
export const byUrgency =
  (nowMs: number, ageingIntervalMs: number) =>
  (a: Ranked, b: Ranked): number =>
    effectiveLevel(b.level, nowMs - b.sinceMs, ageingIntervalMs) -
      effectiveLevel(a.level, nowMs - a.sinceMs, ageingIntervalMs) || firstInFirstOut(a, b)
