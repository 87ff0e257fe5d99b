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
  readonly pids: number
}

/** What a process group uses together; undefined when no process of it is left. */
export const readGroupUsage = async (groupId: number): Promise<GroupUsage | undefined> => {
  const names = await readdir('/proc').catch(() => [])
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))))
  const members = all.filter((facts) => facts?.groupId === groupId).filter((facts) => facts !== undefined)
  if (members.length === 0) return undefined
  const memory = await Promise.all(members.map((member) => residentBytes(member.pid)))
  return {
    cpuMs: members.reduce((sum, member) => sum + member.cpuMs, 0),
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
    pids: members.length,
  }
}

const residentBytes = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
}
