/** How long the last runs waited, and how many started lately. */
export interface Figures {
  /** A run left the queue to be started. */
  started(waitedMs: number, nowMs: number): void
  waitMs(): { readonly p50: number; readonly p99: number }
  startedLastMinute(nowMs: number): number
}

const KEPT_WAITS = 1_000
const SECONDS = 60

export const createFigures = (): Figures => {
  const waits: number[] = []
  let next = 0
  const perSecond: { second: number; count: number }[] = []

  const percentile = (sorted: readonly number[], share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0

  return {
    started(waitedMs, nowMs) {
      waits[next] = waitedMs
      next = (next + 1) % KEPT_WAITS
      const second = Math.floor(nowMs / 1_000)
      const slot = second % SECONDS
      const known = perSecond[slot]
      if (known?.second === second) known.count += 1
      else perSecond[slot] = { second, count: 1 }
    },
    waitMs() {
      const sorted = [...waits].sort((a, b) => a - b)
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
    },
    startedLastMinute(nowMs) {
      const oldest = Math.floor(nowMs / 1_000) - SECONDS
      return perSecond.reduce((sum, slot) => (slot.second > oldest ? sum + slot.count : sum), 0)
    },
  }
}
