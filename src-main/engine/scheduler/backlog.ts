import type { ExecutionId, Priority } from '@contract'
import { createLine, type Line, toWaiting, type Waiting } from './line'
import { createOrdered, type Ordered } from './ordered'
import type { QueueEntry } from './types'
import { byUrgency, effectiveLevel, LEVELS, TOP } from './urgency'

/** `later`: its time has not come. `due`: in the line. `starting` and `ending`: in the hands of whoever runs agents. */
export type ItemState = 'later' | 'due' | 'starting' | 'ending'

/** One run of the queue. */
export interface Item {
  waiting: Waiting
  state: ItemState
  /** How often starting it failed without ending it, what was said last, and when it is tried again. */
  failures: number
  problem: string | null
  retryAtMs: number | null
}

/** Everything that waits, in memory. */
export interface Backlog {
  readonly size: number
  readonly line: Line
  get(executionId: ExecutionId): Item | undefined
  /** Does nothing when it is there already. */
  add(entry: QueueEntry, seq: number): void
  remove(executionId: ExecutionId): Item | undefined
  setPriority(executionId: ExecutionId, priority: Priority): void
  /** Out of the order, while somebody tries to start or end it. */
  takeOut(item: Item, state: 'starting' | 'ending'): void
  /** Back into the order, not to be looked at before this time. */
  putBack(item: Item, retryAtMs: number): void
  /** Lets those into the line whose time has come; at most so many, and says whether there are more. */
  advance(nowMs: number, most: number): boolean
  /** The next run that may not be started any more. */
  expired(nowMs: number): Item | undefined
  /** When something comes to pass by itself: a time to start, or one to give up. */
  nextAtMs(): number | null
  /** The most urgent first; last those whose time has not come. */
  page(nowMs: number, page: { readonly offset: number; readonly limit: number }): Item[]
  /** Those that nobody tries to start or end at this moment: what {@link page} shows. */
  waitingCount(): number
  countByPriority(): Readonly<Record<Priority, number>>
  oldestQueuedAtMs(): number | null
}

interface Timed {
  readonly atMs: number
  readonly item: Item
}

const byTime = (a: Timed, b: Timed): number => a.atMs - b.atMs || a.item.waiting.seq - b.item.waiting.seq

const PRIORITY_COUNTS = (): Record<Priority, number> => ({ low: 0, normal: 0, high: 0, critical: 0 })

export const createBacklog = (ageingIntervalMs: number): Backlog => {
  const items = new Map<ExecutionId, Item>()
  const line = createLine(ageingIntervalMs)
  const later = createOrdered<Timed>(byTime)
  const deadlines = createOrdered<Timed>(byTime)
  const byAge = createOrdered<Timed>(byTime)
  const counts = PRIORITY_COUNTS()
  const laterOf = new Map<Item, Timed>()
  const deadlineOf = new Map<Item, Timed>()
  const ageOf = new Map<Item, Timed>()

  const file = (list: Ordered<Timed>, slots: Map<Item, Timed>, timed: Timed): void => {
    list.add(timed)
    slots.set(timed.item, timed)
  }
  const unfile = (list: Ordered<Timed>, slots: Map<Item, Timed>, item: Item): void => {
    const timed = slots.get(item)
    if (timed === undefined) return
    list.remove(timed)
    slots.delete(item)
  }

  const detach = (item: Item): void => {
    if (item.state === 'due') line.remove(item.waiting)
    unfile(later, laterOf, item)
    unfile(deadlines, deadlineOf, item)
  }

  /** Into the line or among those whose time comes; a line that has not been told of the time yet is told by `advance`. */
  const attach = (item: Item): void => {
    const { entry } = item.waiting
    const atMs = Math.max(entry.notBeforeMs ?? 0, item.retryAtMs ?? 0)
    if (entry.deadlineAtMs !== null) file(deadlines, deadlineOf, { atMs: entry.deadlineAtMs, item })
    if (atMs > 0) {
      item.state = 'later'
      file(later, laterOf, { atMs, item })
    } else {
      item.state = 'due'
      line.add(item.waiting)
    }
  }

  /** The runs of one effective level, from those levels whose runs have come to it, the first in first. */
  function* ofEffectiveLevel(effective: number, nowMs: number): Generator<Waiting, void> {
    const sources = LEVELS.filter((level) => level <= effective).map((level) => {
      const list = line.byLevel[level]
      const isAbove = (than: number) => (waiting: Waiting) =>
        effectiveLevel(level, nowMs - waiting.sinceMs, ageingIntervalMs) > than
      const begin = list === undefined || effective >= TOP ? 0 : list.countWhile(isAbove(effective))
      const end = list === undefined ? 0 : list.countWhile(isAbove(effective - 1))
      return { left: end - begin, source: list?.from(begin) }
    })
    const compare = byUrgency(nowMs, ageingIntervalMs)
    const heads = sources
      .filter(({ left }) => left > 0)
      .map(({ left, source }) => ({ left, source, head: source?.next().value ?? undefined }))
    for (;;) {
      let best: (typeof heads)[number] | undefined
      for (const candidate of heads) {
        if (candidate.head === undefined) continue
        if (best?.head === undefined || compare(candidate.head, best.head) < 0) best = candidate
      }
      if (best?.head === undefined) return
      yield best.head
      best.left -= 1
      best.head = best.left > 0 ? (best.source?.next().value ?? undefined) : undefined
    }
  }

  function* inOrder(nowMs: number): Generator<Item, void> {
    for (const level of [...LEVELS].reverse()) {
      for (const waiting of ofEffectiveLevel(level, nowMs)) {
        const item = items.get(waiting.entry.executionId)
        if (item !== undefined) yield item
      }
    }
    for (const { item } of later.from(0)) yield item
  }

  return {
    line,
    get size() {
      return items.size
    },
    get: (executionId) => items.get(executionId),
    add(entry, seq) {
      if (items.has(entry.executionId)) return
      const item: Item = { waiting: toWaiting(entry, seq), state: 'due', failures: 0, problem: null, retryAtMs: null }
      items.set(entry.executionId, item)
      counts[entry.priority] += 1
      file(byAge, ageOf, { atMs: entry.queuedAtMs, item })
      attach(item)
    },
    remove(executionId) {
      const item = items.get(executionId)
      if (item === undefined) return undefined
      items.delete(executionId)
      detach(item)
      counts[item.waiting.entry.priority] -= 1
      unfile(byAge, ageOf, item)
      return item
    },
    setPriority(executionId, priority) {
      const item = items.get(executionId)
      if (item === undefined) return
      const { entry, seq } = item.waiting
      counts[entry.priority] -= 1
      counts[priority] += 1
      const next = toWaiting({ ...entry, priority }, seq)
      if (item.state === 'due') {
        line.remove(item.waiting)
        line.add(next)
      }
      item.waiting = next
    },
    takeOut(item, state) {
      detach(item)
      item.state = state
    },
    putBack(item, retryAtMs) {
      item.retryAtMs = retryAtMs
      attach(item)
    },
    advance(nowMs, most) {
      for (let moved = 0; moved < most; moved += 1) {
        const first = later.first()
        if (first === undefined || first.atMs > nowMs) return false
        unfile(later, laterOf, first.item)
        first.item.state = 'due'
        line.add(first.item.waiting)
      }
      const first = later.first()
      return first !== undefined && first.atMs <= nowMs
    },
    expired(nowMs) {
      const first = deadlines.first()
      return first !== undefined && first.atMs <= nowMs ? first.item : undefined
    },
    nextAtMs() {
      const times = [later.first()?.atMs, deadlines.first()?.atMs].filter((atMs) => atMs !== undefined)
      return times.length === 0 ? null : Math.min(...times)
    },
    page(nowMs, { offset, limit }) {
      const found: Item[] = []
      let skip = offset
      for (const item of inOrder(nowMs)) {
        if (skip > 0) skip -= 1
        else if (found.length < limit) found.push(item)
        else break
      }
      return found
    },
    waitingCount: () => line.size + later.size,
    countByPriority: () => ({ ...counts }),
    oldestQueuedAtMs: () => byAge.first()?.atMs ?? null,
  }
}
