import { readdir, readFile } from 'node:fs/promises'

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

/** What a process group uses together; undefined when no process of it is left. */
export const readGroupUsage = async (groupId: number): Promise<GroupUsage | undefined> => {
  const members = await membersOf(groupId)
  if (members.length === 0) return undefined
  const [memory, disk] = await Promise.all([
    Promise.all(members.map((member) => residentBytes(member.pid))),
    Promise.all(members.map((member) => diskBytesOf(member.pid))),
  ])
  const told = disk.filter((bytes) => bytes !== null)
  return {
    cpuMs: members.reduce((sum, member) => sum + member.cpuMs, 0),
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
    diskBytes: told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0),
    pids: members.length,
  }
}

const membersOf = async (groupId: number): Promise<ProcessFacts[]> => {
  const names = await readdir('/proc').catch(() => [])
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))))
  return all.filter((facts) => facts !== undefined).filter((facts) => facts.groupId === groupId)
}

/** All threads of a process group: on Linux each has a priority of its own. */
export const threadsOf = async (groupId: number): Promise<number[]> => {
  const members = await membersOf(groupId)
  const lists = await Promise.all(members.map(({ pid }) => readdir(`/proc/${pid}/task`).catch(() => [])))
  return lists.flat().map(Number)
}

/** Bytes that a process had the disks read and write, from proc(5) /proc/PID/io; null where it is not shown. */
export const diskBytesOf = async (pid: number | 'self'): Promise<number | null> => {
  const text = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '')
  const figure = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  const bytes = figure('read_bytes') + figure('write_bytes')
  return Number.isFinite(bytes) ? bytes : null
}

const residentBytes = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
}
