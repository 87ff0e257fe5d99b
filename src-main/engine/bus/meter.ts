import type { Clock } from '../core'

/** What went through, of the last seconds. */
export interface Meter {
  sent(count: number): void
  delivered(count: number): void
  latency(ms: number): void
  refused(): void
  read(): {
    readonly sentPerSecond: number
    readonly deliveredPerSecond: number
    readonly latencyMs: { readonly p50: number; readonly p99: number }
    readonly refusedLastHour: number
  }
}

const RATE_SECONDS = 10
const LATENCIES = 2048
const MINUTES = 60

/** Counts by whole seconds or minutes; a slot of an earlier round starts anew. */
const createRing = (slots: number, slotMs: number) => {
  const counts = new Float64Array(slots)
  const rounds = new Float64Array(slots).fill(-1)
  return {
    add(atMs: number, count: number) {
      const slot = Math.floor(atMs / slotMs)
      const index = slot % slots
      if (rounds[index] !== slot) {
        rounds[index] = slot
        counts[index] = 0
      }
      counts[index] = (counts[index] ?? 0) + count
    },
    sum(atMs: number): number {
      const slot = Math.floor(atMs / slotMs)
      let sum = 0
      rounds.forEach((round, index) => {
        if (round > slot - slots && round <= slot) sum += counts[index] ?? 0
      })
      return sum
    },
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100

export const createMeter = (clock: Clock): Meter => {
  const sent = createRing(RATE_SECONDS, 1000)
  const delivered = createRing(RATE_SECONDS, 1000)
  const refused = createRing(MINUTES, 60_000)
  const latencies = new Float64Array(LATENCIES)
  let seen = 0
  return {
    sent: (count) => sent.add(clock.monotonicMs(), count),
    delivered: (count) => delivered.add(clock.monotonicMs(), count),
    latency(ms) {
      latencies[seen % LATENCIES] = ms
      seen += 1
    },
    refused: () => refused.add(clock.monotonicMs(), 1),
    read() {
      const nowMs = clock.monotonicMs()
      const sorted = latencies.slice(0, Math.min(seen, LATENCIES)).sort()
      const at = (share: number): number => rounded(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
      return {
        sentPerSecond: rounded(sent.sum(nowMs) / RATE_SECONDS),
        deliveredPerSecond: rounded(delivered.sum(nowMs) / RATE_SECONDS),
        latencyMs: sorted.length === 0 ? { p50: 0, p99: 0 } : { p50: at(0.5), p99: at(0.99) },
        refusedLastHour: refused.sum(nowMs),
      }
    },
  }
}
