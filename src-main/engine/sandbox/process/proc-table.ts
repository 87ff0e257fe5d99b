import { closeSync, openSync, readSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { Clock } from '../../core'

/** Ticks a second of the figures in /proc/PID/stat: USER_HZ, 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100

export interface ProcessFacts {
  readonly pid: number
  readonly groupId: number
  /** When it started, in ticks since boot: together with the pid it names one process and no later one. */
  readonly startTicks: number
  readonly cpuMs: number
}

/** What Linux says of one running process, from proc(5) /proc/PID/stat; undefined when there is none, or no /proc. */
export const readProcess = async (pid: number): Promise<ProcessFacts | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseStat(text)
}

/** More than any of the files that are read here. */
const smallFile = Buffer.allocUnsafe(8192)

/** A file of /proc, which takes microseconds; the usual way gives each of hundreds a buffer of its own. */
const readSmall = (path: string): string | undefined => {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return smallFile.toString('latin1', 0, readSync(file, smallFile, 0, smallFile.length, 0))
  } catch {
    // It ended while it was looked at, or is not shown to this user.
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * The name stands in parentheses and may hold anything, parentheses too, so fields are counted from the last one.
 * A zombie (state Z) has ended and only waits to be collected: it counts as none.
 */
export const parseStat = (text: string): ProcessFacts | undefined => {
  const pid = Number.parseInt(text, 10)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z') return undefined
  const field = (number: number): number => Number(fields[number - 3])
  const facts = {
    pid,
    groupId: field(5),
    startTicks: field(22),
    cpuMs: ((field(14) + field(15)) * 1000) / TICKS_PER_SECOND,
  }
  return Object.values(facts).every(Number.isFinite) ? facts : undefined
}

export interface GroupUsage {
  readonly cpuMs: number
  readonly memoryBytes: number
  /** Read from and written to the disks by processes that still live; null where the system does not tell. */
  readonly diskBytes: number | null
  readonly pids: number
}

/** Who belongs to which process group. */
export interface ProcTable {
  /** What a process group uses together; undefined when no process of it is left. */
  usageOf(groupId: number): Promise<GroupUsage | undefined>
}

/** One look at all processes serves every group that asks within this time. */
const LOOK_LASTS_MS = 500
/** Others get the thread after so many processes. */
const SLICE = 64

const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const look = async (): Promise<Map<number, ProcessFacts[]>> => {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const groups = new Map<number, ProcessFacts[]>()
  for (const [index, name] of names.entries()) {
    if (index % SLICE === SLICE - 1) await othersFirst()
    const text = readSmall(`/proc/${name}/stat`)
    const facts = text === undefined ? undefined : parseStat(text)
    if (facts === undefined) continue
    const members = groups.get(facts.groupId)
    if (members === undefined) groups.set(facts.groupId, [facts])
    else members.push(facts)
  }
  return groups
}

export const createProcTable = (clock: Pick<Clock, 'monotonicMs'>): ProcTable => {
  let last: { readonly atMs: number; readonly groups: Promise<Map<number, ProcessFacts[]>> } | undefined

  /** A group that was not there at the last look is looked for anew. */
  const membersOf = async (groupId: number): Promise<readonly ProcessFacts[]> => {
    if (last !== undefined && clock.monotonicMs() - last.atMs < LOOK_LASTS_MS) {
      const known = (await last.groups).get(groupId)
      if (known !== undefined)
        return known.flatMap(({ pid, startTicks }) => {
          const text = readSmall(`/proc/${pid}/stat`)
          const now = text === undefined ? undefined : parseStat(text)
          return now === undefined || now.startTicks !== startTicks ? [] : [now]
        })
    }
    last = { atMs: clock.monotonicMs(), groups: look() }
    return (await last.groups).get(groupId) ?? []
  }

  return {
    async usageOf(groupId) {
      const members = await membersOf(groupId)
      if (members.length === 0) return undefined
      const told = members.map((member) => diskBytesOf(member.pid)).filter((bytes) => bytes !== null)
      return {
        cpuMs: members.reduce((sum, member) => sum + member.cpuMs, 0),
        memoryBytes: members.reduce((sum, member) => sum + residentBytes(member.pid), 0),
        diskBytes: told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0),
        pids: members.length,
      }
    },
  }
}

/** All threads of a process group: on Linux each has a priority of its own. */
export const threadsOf = async (groupId: number): Promise<number[]> => {
  const members = (await look()).get(groupId) ?? []
  const lists = await Promise.all(members.map(({ pid }) => readdir(`/proc/${pid}/task`).catch(() => [])))
  return lists.flat().map(Number)
}

/** Bytes that a process had the disks read and write, from proc(5) /proc/PID/io; null where it is not shown. */
const diskBytesOf = (pid: number): number | null => {
  const text = readSmall(`/proc/${pid}/io`) ?? ''
  const figure = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  const bytes = figure('read_bytes') + figure('write_bytes')
  return Number.isFinite(bytes) ? bytes : null
}

const residentBytes = (pid: number): number => {
  const text = readSmall(`/proc/${pid}/status`) ?? ''
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
}
