import type { Usage } from '@contract'

export const NO_USE: Usage = { atMs: 0, memoryBytes: 0, cpuMillis: 0, diskIoMbps: null, networkIoMbps: null, pids: 0 }

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b)

/** Together; what neither tells stays unknown. */
export const plusUsage = (a: Usage, b: Usage | null): Usage =>
  b === null
    ? a
    : {
        atMs: a.atMs,
        memoryBytes: sum(a.memoryBytes, b.memoryBytes),
        cpuMillis: sum(a.cpuMillis, b.cpuMillis),
        diskIoMbps: sum(a.diskIoMbps, b.diskIoMbps),
        networkIoMbps: sum(a.networkIoMbps, b.networkIoMbps),
        pids: sum(a.pids, b.pids),
      }
