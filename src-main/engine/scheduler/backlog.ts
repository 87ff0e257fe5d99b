import type { ExecutionId, Priority } from '@contract'
import { createLine, type Line, toWaiting, type Waiting } from './line'
import { createOrdered, type Ordered } from './ordered'
import type { QueueEntry } from './types'
import { effectiveLevel, firstInFirstOut, LEVELS, TOP } from './urgency'

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

/** A part of a list that is in the order of time. */
interface Range {
  readonly list: Ordered<Waiting>
  readonly begin: number
  readonly end: number
}

/** Pass over as many of these ranges together as have begun to wait before one moment, at most so many. */
const cutAt = (
  ranges: readonly Range[],
  most: number,
): { readonly ranges: readonly Range[]; readonly passed: number } => {
  const before = (atMs: number): Range[] =>
    ranges.map(({ list, begin, end }) => ({
      list,
      begin: Math.min(
        end,
        Math.max(
          begin,
          list.countWhile(({ sinceMs }) => sinceMs < atMs),
        ),
      ),
      end,
    }))
  const passedBy = (cut: readonly Range[]): number =>
    cut.reduce((sum, { begin }, index) => sum + begin - (ranges[index]?.begin ?? 0), 0)
  let low = 0
  let high = Number.MAX_SAFE_INTEGER
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    if (passedBy(before(middle)) <= most) low = middle
    else high = middle - 1
  }
  const cut = before(low)
  return { ranges: cut, passed: passedBy(cut) }
}

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

  /** Where in each list the runs of one effective level stand: those of a lower level that have waited come to it too. */
  const rangesOf = (effective: number, nowMs: number): Range[] =>
    LEVELS.filter((level) => level <= effective).flatMap((level) => {
      const list = line.byLevel[level]
      if (list === undefined) return []
      const above = (than: number): number =>
        list.countWhile((waiting) => effectiveLevel(level, nowMs - waiting.sinceMs, ageingIntervalMs) > than)
      const begin = effective >= TOP ? 0 : above(effective)
      const end = above(effective - 1)
      return end > begin ? [{ list, begin, end }] : []
    })

  /** The runs of some ranges as one, the first in first, from this position on. */
  const merged = (ranges: readonly Range[], offset: number, limit: number): Waiting[] => {
    const cut = cutAt(ranges, offset)
    const heads = cut.ranges.map(({ list, begin, end }) => {
      const source = list.from(begin)
      return { left: end - begin, source, head: end > begin ? (source.next().value ?? undefined) : undefined }
    })
    const found: Waiting[] = []
    let skip = offset - cut.passed
    while (found.length < limit) {
      let best: (typeof heads)[number] | undefined
      for (const candidate of heads) {
        if (candidate.head === undefined) continue
        if (best?.head === undefined || firstInFirstOut(candidate.head, best.head) < 0) best = candidate
      }
      if (best?.head === undefined) break
      if (skip > 0) skip -= 1
      else found.push(best.head)
      best.left -= 1
      best.head = best.left > 0 ? (best.source.next().value ?? undefined) : undefined
    }
    return found
  }

  /** The page without walking over everything before it: levels are passed by their size, and within one by time. */
  const pageInLine = (nowMs: number, offset: number, limit: number): Waiting[] => {
    const found: Waiting[] = []
    let skip = offset
    for (const level of [...LEVELS].reverse()) {
      const ranges = rangesOf(level, nowMs)
      const size = ranges.reduce((sum, { begin, end }) => sum + end - begin, 0)
      if (skip >= size) skip -= size
      else {
        found.push(...merged(ranges, skip, limit - found.length))
        skip = 0
      }
      if (found.length >= limit) break
    }
    return found
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
      const found = pageInLine(nowMs, offset, limit).flatMap(({ entry }) => items.get(entry.executionId) ?? [])
      for (const { item } of later.from(Math.max(0, offset - line.size))) {
        if (found.length >= limit) break
        found.push(item)
      }
      return found
    },
    waitingCount: () => line.size + later.size,
    countByPriority: () => ({ ...counts }),
    oldestQueuedAtMs: () => byAge.first()?.atMs ?? null,
  }
}
