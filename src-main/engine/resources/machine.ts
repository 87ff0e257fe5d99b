import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, networkInterfaces, totalmem } from 'node:os'
import { type CgroupLimits, readCgroupLimits } from './cgroup'

/** What this machine is, and what is used of it right now. */
export interface Machine {
  readonly memoryBytes: number
  readonly cpuMillis: number
  /** Bits a second of the fastest link that tells; null when none does. */
  readonly linkBitsPerSecond: number | null
  /** Bytes in use: what could not be given to a new program. */
  usedMemoryBytes(): number
  /** Processor time since boot of all cores together, busy and in all. */
  cpuTimes(): { readonly busyMs: number; readonly allMs: number; readonly cores: number }
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Reads this machine; where the engine itself is held to less by its control group, it has no more than that. */
export const createMachine = (limits: CgroupLimits = readCgroupLimits(readText)): Machine => ({
  memoryBytes: Math.min(totalmem(), limits.memoryBytes ?? Number.POSITIVE_INFINITY),
  cpuMillis: Math.min(availableParallelism() * 1000, limits.cpuMillis ?? Number.POSITIVE_INFINITY),
  linkBitsPerSecond: fastestLink(Object.keys(networkInterfaces()), readText),
  usedMemoryBytes: () => totalmem() - freemem(),
  cpuTimes() {
    let busyMs = 0
    let allMs = 0
    const list = cpus()
    for (const { times } of list) {
      const used = times.user + times.nice + times.sys + times.irq
      busyMs += used
      allMs += used + times.idle
    }
    return { busyMs, allMs, cores: list.length }
  },
})

/** Linux tells the speed of a link in Mbit/s (sysfs-class-net); −1 or an error where the link has none. */
const fastestLink = (names: readonly string[], read: (path: string) => string | undefined): number | null => {
  const speeds = names.map((name) => Number(read(`/sys/class/net/${name}/speed`) ?? '-1')).filter((speed) => speed > 0)
  return speeds.length === 0 ? null : Math.max(...speeds) * 1_000_000
}
