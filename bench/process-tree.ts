import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Kernel clock ticks in a second, as /proc counts processor time; 100 on every Linux that Electron runs on. */
const TICKS_PER_SECOND = 100

/** What /proc/PID/stat says, as far as it is needed here. */
export interface ProcessStat {
  readonly parentId: number
  /** Processor time in user and kernel mode since its start, milliseconds. */
  readonly cpuMs: number
}

/**
 * Read one line of /proc/PID/stat (proc(5)). The name in brackets may hold spaces and brackets itself, so the fields
 * are counted from the last bracket.
 */
export const parseStat = (text: string): ProcessStat => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return { parentId: Number(fields[1]), cpuMs: (ticks * 1000) / TICKS_PER_SECOND }
}

/** The process and everything below it. */
export const descendants = (rootId: number, parentOf: ReadonlyMap<number, number>): number[] => {
  const found = [rootId]
  for (const id of found) for (const [child, parent] of parentOf) if (parent === id) found.push(child)
  return found
}

const readStat = (id: number): ProcessStat | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${id}/stat`, 'utf8'))
  } catch {
    // It ended between the listing and the reading.
    return undefined
  }
}

const readTree = (rootId: number): Map<number, ProcessStat> => {
  const all = new Map<number, ProcessStat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (stat !== undefined) all.set(Number(name), stat)
  }
  const parents = new Map([...all].map(([id, stat]) => [id, stat.parentId]))
  const ids = new Set(descendants(rootId, parents))
  return new Map([...all].filter(([id]) => ids.has(id)))
}

/** Processor time that a process and all below it have used, milliseconds. */
export const treeCpuMs = (rootId: number): number =>
  [...readTree(rootId).values()].reduce((sum, stat) => sum + stat.cpuMs, 0)

/**
 * Memory of a process and all below it, MB (10^6 bytes): the sum of their proportional set sizes, in which what
 * several share counts once. Resident sizes would count it again for each.
 */
export const treePssMb = (rootId: number): number => {
  let kib = 0
  for (const id of readTree(rootId).keys()) kib += readPssKib(id)
  return (kib * 1024) / 1e6
}

const readPssKib = (id: number): number => {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    // It ended meanwhile.
    return 0
  }
}

/**
 * Processes of a program. Several running copies of one program share its pages, and then each one's proportional set
 * size is smaller than it is alone.
 */
export const runningCopies = (program: string): number =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && programOf(name) === program).length

const programOf = (id: string): string | undefined => {
  try {
    return readlinkSync(`/proc/${id}/exe`)
  } catch {
    // It ended meanwhile, or it is a part of the kernel.
    return undefined
  }
}
