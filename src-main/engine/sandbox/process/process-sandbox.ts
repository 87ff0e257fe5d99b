import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Clock, type Log, messageOf, RuntimeError } from '../../core'
import { createDeferred } from '../deferred'
import type { NodeBinary } from '../node-binary'
import type { Sandbox, SandboxExit, SandboxIo } from '../types'
import type { Launched, Launcher } from './launcher'
import { setGroupPriority } from './priority'
import { type GroupUsage, type ProcTable, readProcess } from './proc-table'
import type { ProcessRecords } from './process-records'

const NEVER_RAN: SandboxExit = { exitCode: null, signal: null, outOfMemory: false }
const SAMPLE_EVERY_MS = 1_000
/** How long the last output may take to be read once the process has ended. */
const LAST_OUTPUT_MS = 1_000

/** Everything, because a plain process has no walls. */
const NOT_ENFORCED: readonly string[] = [
  'memory: a plain process is not limited',
  'cpu: a plain process is not limited',
  'processes: a plain process may start as many as it likes',
  'disk rate: a plain process is not limited',
  'network: a plain process may reach whatever this machine can',
  'file system: a plain process may read and write whatever this user may',
]

/** Nothing holds a plain process, so what can be seen is watched: where there is a /proc, and of a network nothing. */
const enforcement = (): Sandbox['enforcement'] => {
  const seen = existsSync('/proc/self/stat') ? 'monitor' : 'none'
  return { memory: seen, cpu: seen, disk: existsSync('/proc/self/io') ? seen : 'none', network: 'none' }
}

export interface ProcessSandboxOptions {
  readonly executionId: string
  readonly node: NodeBinary
  readonly launcher: Launcher
  /** Staged and private to this execution; removed at the end. */
  readonly workDir: string
  readonly records: ProcessRecords
  readonly table: ProcTable
  readonly clock: Clock
  readonly log: Log
  /** Called once when nothing of it is left. */
  readonly onGone: () => void
}

/**
 * A plain child process in its own process group, with an environment that holds nothing of ours.
 * For development: it keeps an agent apart from nothing.
 */
export const createProcessSandbox = (options: ProcessSandboxOptions): Sandbox => {
  const { executionId, node, launcher, workDir, records, table, clock, log } = options
  const exit = createDeferred<SandboxExit>()
  const running = createDeferred<number | undefined>()
  let child: Launched | undefined
  let starting: Promise<SandboxIo> | undefined
  let hasEnded = false

  const tidyUp = async (): Promise<void> => {
    await rm(workDir, { recursive: true, force: true })
    await records.remove(executionId)
    options.onGone()
  }

  const end = async (result: SandboxExit): Promise<void> => {
    if (hasEnded) return
    hasEnded = true
    running.resolve(undefined)
    await tidyUp().catch((error: unknown) =>
      log.warn({ executionId, cause: messageOf(error) }, 'work folder left over'),
    )
    exit.resolve(result)
  }

  const signalGroup = (name: NodeJS.Signals): void => {
    if (child === undefined) return
    try {
      // Windows knows no process groups.
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, name)
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }

  /** Nobody may be reading any more, and `close` comes only when the pipes have been read to their end. */
  const letGo = (): void => {
    child?.stdout.destroy()
    child?.stderr.destroy()
  }

  const begin = async (signal: AbortSignal): Promise<SandboxIo> => {
    try {
      signal.throwIfAborted()
      const started = await launcher.launch({
        path: node.path,
        args: ['agent.mjs'],
        cwd: workDir,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: workDir, TMPDIR: workDir, LANG: 'C.UTF-8', NO_COLOR: '1' },
      })
      child = started
      const { pid } = started
      // An agent that ends while we write to it is an ordinary end, not ours.
      started.stdin.on('error', () => undefined)
      void started.exited.then(() => {
        // What it has started would keep its pipes open.
        signalGroup('SIGKILL')
        clock.after(LAST_OUTPUT_MS, letGo)
      })
      void Promise.all([started.exited, started.closed]).then(([{ code, signal: killedBy }]) =>
        end({ exitCode: code, signal: killedBy, outOfMemory: false }),
      )
      const facts = await readProcess(pid)
      await records.write({
        executionId,
        pid,
        workDir,
        ...(facts === undefined ? {} : { startTicks: facts.startTicks }),
      })
      if (hasEnded) await records.remove(executionId)
      signal.throwIfAborted()
      running.resolve(pid)
      return { stdin: started.stdin, stdout: started.stdout, stderr: started.stderr }
    } catch (error) {
      signalGroup('SIGKILL')
      await end(NEVER_RAN)
      throw new RuntimeError('SANDBOX_002', `The process could not be started: ${messageOf(error)}`, { cause: error })
    }
  }

  const exitSeen = (): Promise<void> => exit.promise.then(() => undefined)

  const destroy = async (): Promise<void> => {
    if (starting === undefined || child === undefined) return end(NEVER_RAN)
    signalGroup('SIGKILL')
    letGo()
    await exitSeen()
  }

  return {
    id: basename(workDir),
    backend: 'process',
    image: null,
    notEnforced: NOT_ENFORCED,
    enforcement: enforcement(),
    start(signal) {
      starting ??= hasEnded
        ? Promise.reject(new RuntimeError('SANDBOX_002', 'The sandbox has ended and cannot be started.'))
        : begin(signal)
      return starting
    },
    wait: () => exit.promise,
    stats(onSample) {
      let cancel: () => void = () => undefined
      let isStopped = false
      let before: (GroupUsage & { readonly atMs: number }) | undefined
      const sample = async (groupId: number): Promise<void> => {
        const usage = await table.usageOf(groupId)
        if (usage === undefined || isStopped || hasEnded) return
        const atMs = clock.monotonicMs()
        const passedMs = before === undefined ? 0 : atMs - before.atMs
        // A process of the group that ended took its figures with it: what is left may be less than before.
        const perMs = (now: number | null, past: number | null | undefined): number | null =>
          now === null || past === null || past === undefined || passedMs <= 0
            ? null
            : Math.max(0, now - past) / passedMs
        const cpu = perMs(usage.cpuMs, before?.cpuMs)
        const disk = perMs(usage.diskBytes, before?.diskBytes)
        before = { ...usage, atMs }
        onSample({
          atMs: clock.nowMs(),
          cpuPercent: cpu === null ? null : cpu * 100,
          memoryBytes: usage.memoryBytes,
          memoryLimitBytes: null,
          pids: usage.pids,
          diskBytesPerSecond: disk === null ? null : disk * 1000,
          networkBytesPerSecond: null,
          source: '/proc',
        })
        cancel = clock.after(SAMPLE_EVERY_MS, () => void sample(groupId))
      }
      void running.promise.then((groupId) => (groupId === undefined || isStopped ? undefined : sample(groupId)))
      return () => {
        isStopped = true
        cancel()
      }
    },
    async pause() {
      if (!hasEnded) signalGroup('SIGSTOP')
    },
    async resume() {
      if (!hasEnded) signalGroup('SIGCONT')
    },
    async throttle(share) {
      if (hasEnded || child === undefined) return false
      return setGroupPriority(child.pid, share !== null)
    },
    // A child of ours cannot be lost sight of.
    onLink: () => () => undefined,
    async stop(graceMs) {
      if (starting === undefined) return destroy()
      if (hasEnded) return exitSeen()
      signalGroup('SIGCONT')
      signalGroup('SIGTERM')
      const timeUp = createDeferred<void>()
      const cancel = clock.after(graceMs, () => timeUp.resolve(undefined))
      await Promise.race([exitSeen(), timeUp.promise])
      cancel()
      await destroy()
    },
    destroy,
  }
}
