import type { Clock } from '../core'
import type { AppliedLimit, Decision } from './types'

/** What an admitted act holds until it is over. */
export interface Permit {
  readonly ok: true
  /**
   * The act is over: give back its place, and count the bytes that really moved instead of those that were announced.
   * Further calls do nothing.
   */
  release(usage?: { readonly bytes: number }): void
}

export interface Held {
  readonly ok: false
  readonly rule: string
  readonly what: 'rate' | 'concurrency' | 'bytes per request' | 'bytes per window'
  /** When asking again can help: milliseconds from now; null when it is not known or will never help. */
  readonly retryAfterMs: number | null
}

/** Keeps what limits need to remember: tokens, bytes and acts under way, for each rule and each caller. */
export interface Limiter {
  /** Take what every limit of a decision asks for, or nothing at all. `caller` is whom the limit is counted for. */
  acquire(decision: Pick<Decision, 'limits'>, act: { readonly caller: string; readonly bytes?: number }): Permit | Held
  /** How many counters are kept. */
  readonly size: number
}

/** Bytes in a sliding window, in slots of one 32nd of it: never fewer than were moved, at most one slot too long. */
interface Window {
  slots: { readonly index: number; bytes: number }[]
  total: number
}

interface Counter {
  tokens: number
  filledAtMs: number
  running: number
  readonly window: Window
  /** What was kept under; a changed limit starts anew. */
  readonly limit: string
  usedAtMs: number
}

const SLOTS = 32
const PRUNE_ABOVE = 4096

const slotMs = (windowMs: number): number => windowMs / SLOTS

const forget = (window: Window, windowMs: number, nowMs: number): void => {
  const oldest = Math.floor((nowMs - windowMs) / slotMs(windowMs))
  while ((window.slots[0]?.index ?? oldest) < oldest) window.total -= window.slots.shift()?.bytes ?? 0
}

const add = (window: Window, windowMs: number, move: { nowMs: number; bytes: number }): void => {
  const index = Math.floor(move.nowMs / slotMs(windowMs))
  const last = window.slots.at(-1)
  if (last !== undefined && last.index === index) last.bytes += move.bytes
  else window.slots.push({ index, bytes: move.bytes })
  window.total += move.bytes
}

/**
 * Limits of one process. Time is monotonic, so a clock that is set back gives nothing away. What is kept does not survive a
 * restart: a limit bounds a rate, not a total.
 */
export const createLimiter = ({ clock }: { readonly clock: Pick<Clock, 'monotonicMs'> }): Limiter => {
  const counters = new Map<string, Counter>()

  const counterOf = ({ rule, limit }: AppliedLimit, caller: string, nowMs: number): Counter => {
    const key = `${rule.length}:${rule}${caller}`
    const kept = counters.get(key)
    const text = JSON.stringify(limit)
    if (kept !== undefined && kept.limit === text) return kept
    const made: Counter = {
      tokens: limit.rate?.burst ?? 0,
      filledAtMs: nowMs,
      // An act under way is under way, whatever the limit says now.
      running: kept?.running ?? 0,
      window: kept?.window ?? { slots: [], total: 0 },
      limit: text,
      usedAtMs: nowMs,
    }
    counters.set(key, made)
    return made
  }

  const refill = (counter: Counter, { limit: { rate } }: AppliedLimit, nowMs: number): void => {
    if (rate === undefined) return
    const gained = ((nowMs - counter.filledAtMs) * rate.requests) / rate.perMs
    counter.tokens = Math.min(rate.burst, counter.tokens + gained)
    counter.filledAtMs = nowMs
  }

  const obstacle = (counter: Counter, applied: AppliedLimit, act: { bytes: number; nowMs: number }): Held | null => {
    const { rule, limit } = applied
    const held = (what: Held['what'], retryAfterMs: number | null): Held => ({ ok: false, rule, what, retryAfterMs })
    const { rate, bytes, concurrency } = limit
    if (bytes?.perRequest !== undefined && act.bytes > bytes.perRequest) return held('bytes per request', null)
    if (concurrency !== undefined && counter.running >= concurrency) return held('concurrency', null)
    if (rate !== undefined && counter.tokens < 1)
      return held('rate', Math.ceil(((1 - counter.tokens) * rate.perMs) / rate.requests))
    if (bytes?.perWindow !== undefined) {
      const { windowMs, bytes: most } = bytes.perWindow
      forget(counter.window, windowMs, act.nowMs)
      // A window that is full refuses even an act that announces nothing.
      if (counter.window.total + act.bytes > most || counter.window.total >= most) {
        const first = counter.window.slots[0]
        const frees =
          first === undefined ? null : Math.ceil((first.index + 1) * slotMs(windowMs) + windowMs - act.nowMs)
        return held('bytes per window', act.bytes > most ? null : frees)
      }
    }
    return null
  }

  /** Drop counters that say the same as none at all. */
  const prune = (nowMs: number): void => {
    for (const [key, counter] of counters) {
      const idleMs = nowMs - counter.usedAtMs
      if (counter.running === 0 && idleMs > 86_400_000) counters.delete(key)
    }
  }

  return {
    acquire({ limits }, { caller, bytes = 0 }) {
      if (limits.length === 0) return { ok: true, release: () => undefined }
      const nowMs = clock.monotonicMs()
      if (counters.size > PRUNE_ABOVE) prune(nowMs)
      const kept = limits.map((applied) => ({ applied, counter: counterOf(applied, caller, nowMs) }))
      for (const { applied, counter } of kept) {
        refill(counter, applied, nowMs)
        const found = obstacle(counter, applied, { bytes, nowMs })
        if (found !== null) return found
      }
      for (const { applied, counter } of kept) {
        counter.usedAtMs = nowMs
        counter.running += 1
        if (applied.limit.rate !== undefined) counter.tokens -= 1
        const window = applied.limit.bytes?.perWindow
        if (window !== undefined) add(counter.window, window.windowMs, { nowMs, bytes })
      }
      let held = true
      return {
        ok: true,
        release(usage) {
          if (!held) return
          held = false
          const overMs = clock.monotonicMs()
          for (const { applied, counter } of kept) {
            counter.running -= 1
            const window = applied.limit.bytes?.perWindow
            if (window !== undefined && usage !== undefined && usage.bytes !== bytes)
              add(counter.window, window.windowMs, { nowMs: overMs, bytes: usage.bytes - bytes })
          }
        },
      }
    },
    get size() {
      return counters.size
    },
  }
}
