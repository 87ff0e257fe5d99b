import type Docker from 'dockerode'
import { asRuntimeError, type Clock, type Log, messageOf, RuntimeError } from '../../core'
import { createDeferred } from '../deferred'
import type { Sandbox, SandboxExit, SandboxIo } from '../types'
import { createAttachment } from './attachment'
import { daemonWords, isUnreachable, statusOf } from './connection'
import { openStats, removeContainer, unpack } from './container'
import type { DaemonLink } from './daemon-link'
import { jsonLines } from './json-lines'
import { createSampleReader } from './stats'
import { throttleContainer } from './throttle'

/** How long a removal may take before the daemon counts as gone. */
const REMOVAL_MS = 15_000
/** Between two attempts to read the statistics of a container that is in reach. */
const STATS_RETRY_MS = 1_000

const NEVER_RAN: SandboxExit = { exitCode: null, signal: null, outOfMemory: false }
const SIGNALS: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' }

export interface DockerSandboxOptions {
  readonly docker: Docker
  readonly id: string
  readonly image: string
  readonly notEnforced: readonly string[]
  readonly enforcement: Sandbox['enforcement']
  /** What it may use of the processors when it is not throttled. */
  readonly cpuCores: number
  /** The work folder as a tar archive; let go of once it is unpacked. */
  readonly archive: Buffer
  readonly link: DaemonLink
  readonly clock: Clock
  readonly log: Log
}

/**
 * One container around one execution. It is removed when its program has ended, whoever ended it. While the daemon is away it
 * is neither ended nor failed: it is waited for.
 */
export const createDockerSandbox = (options: DockerSandboxOptions): Sandbox => {
  const { docker, id, link, clock, log } = options
  const container = docker.getContainer(id)
  const attachment = createAttachment({ docker, id, link, clock, log })
  const exit = createDeferred<SandboxExit>()
  exit.promise.catch(() => undefined)
  const running = createDeferred<boolean>()
  let archive: Buffer | undefined = options.archive
  let starting: Promise<SandboxIo> | undefined
  let removing: Promise<void> | undefined
  let isStarted = false
  let hasEnded = false

  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))

  const within = async (limitMs: number, work: Promise<void>): Promise<void> => {
    const timeUp = createDeferred<never>()
    const cancel = clock.after(limitMs, () => timeUp.reject(new Error('the daemon does not answer')))
    try {
      await Promise.race([work, timeUp.promise])
    } finally {
      cancel()
    }
  }

  const remove = (): Promise<void> => {
    removing ??= within(REMOVAL_MS, removeContainer(container)).catch((error: unknown) => {
      removing = undefined
      throw new RuntimeError('SANDBOX_004', `The container could not be removed: ${daemonWords(error)}`, {
        cause: error,
      })
    })
    return removing
  }

  const end = (result: SandboxExit | RuntimeError): void => {
    hasEnded = true
    running.resolve(false)
    if (result instanceof RuntimeError) exit.reject(result)
    else exit.resolve(result)
    attachment.close()
  }

  /** After an exit was seen: ask why, let the last output through, remove the container, then tell. */
  const settle = async (exitCode: number): Promise<void> => {
    hasEnded = true
    const wasKilledForMemory = await container.inspect().then(
      (facts) => facts.State.OOMKilled === true,
      () => false,
    )
    await attachment.flush()
    await remove().catch((error: unknown) =>
      log.warn({ container: id, cause: messageOf(error) }, 'container left over'),
    )
    // The flag is also set when a child was killed and the program went on to a good end.
    end({ exitCode, signal: SIGNALS[exitCode] ?? null, outOfMemory: wasKilledForMemory && exitCode !== 0 })
  }

  const open = async (signal: AbortSignal): Promise<SandboxIo> => {
    signal.throwIfAborted()
    await attachment.open(async () => {
      signal.throwIfAborted()
      await container.start()
    })
    attachment.exitCode.then(settle, (error: unknown) => end(asRuntimeError(error, 'SANDBOX_004', 'It was lost')))
    const files = archive
    archive = undefined
    if (files !== undefined) await unpack(container, files)
    signal.throwIfAborted()
    isStarted = true
    running.resolve(true)
    return attachment.io
  }

  const begin = async (signal: AbortSignal): Promise<SandboxIo> => {
    try {
      return await unlessAborted(open(signal), signal)
    } catch (error) {
      await remove().catch((cause: unknown) =>
        log.warn({ container: id, cause: messageOf(cause) }, 'container left over'),
      )
      end(NEVER_RAN)
      throw new RuntimeError('SANDBOX_002', `The sandbox could not be started: ${daemonWords(error)}`, { cause: error })
    }
  }

  const kill = async (name: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    try {
      await container.kill({ signal: name })
    } catch (error) {
      // 404 and 409: it has ended already.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw unanswered(error, 'stopped')
    }
  }

  const thaw = async (): Promise<void> => {
    try {
      await container.unpause()
    } catch (error) {
      // 404: gone. 409, and 500 from older daemons: it is not paused.
      if (statusOf(error) === undefined) throw unanswered(error, 'resumed')
    }
  }

  const destroy = async (): Promise<void> => {
    await remove().catch((error: unknown) => {
      // Whoever wants it gone waits for nothing of it any more; what is left behind is found by its labels.
      if (isStarted && error instanceof RuntimeError && isUnreachable(error.cause)) attachment.close()
      throw error
    })
    // A program that ran is told about by its exit; one that never began has no exit to wait for.
    if (starting === undefined) end(NEVER_RAN)
  }

  return {
    id,
    backend: 'docker runc',
    image: options.image,
    notEnforced: options.notEnforced,
    enforcement: options.enforcement,
    start(signal) {
      starting ??= hasEnded
        ? Promise.reject(new RuntimeError('SANDBOX_002', 'The sandbox has ended and cannot be started.'))
        : begin(signal)
      return starting
    },
    wait: () => exit.promise,
    stats(onSample) {
      const abort = new AbortController()
      const read = createSampleReader()
      const follow = async (): Promise<void> => {
        const stream = await openStats(container)
        abort.signal.addEventListener('abort', () => stream.destroy(), { once: true })
        if (abort.signal.aborted) stream.destroy()
        for await (const message of jsonLines(stream)) {
          if (abort.signal.aborted || hasEnded) return
          const sample = read(message, clock.nowMs())
          if (sample !== undefined) onSample(sample)
        }
      }
      const keepFollowing = async (): Promise<void> => {
        if (!(await running.promise)) return
        while (!abort.signal.aborted && !hasEnded) {
          await follow().catch((error: unknown) => {
            if (!abort.signal.aborted && !hasEnded)
              log.debug({ container: id, cause: daemonWords(error) }, 'statistics broke off')
          })
          if (abort.signal.aborted || hasEnded) return
          await pause(STATS_RETRY_MS)
          await attachment.reachable()
        }
      }
      void keepFollowing()
      return () => abort.abort()
    },
    async pause() {
      if (hasEnded) return
      try {
        await container.pause()
      } catch (error) {
        const isPaused = await container.inspect().then(
          (facts) => facts.State.Paused || !facts.State.Running,
          () => false,
        )
        if (!isPaused) throw unanswered(error, 'paused')
      }
    },
    async resume() {
      if (!hasEnded) await thaw()
    },
    throttle: async (share) => isStarted && !hasEnded && throttleContainer(container, options.cpuCores * (share ?? 1)),
    onLink: attachment.onLink,
    async stop(graceMs) {
      if (hasEnded) return exitSeen()
      // A program that has not begun has nothing to tidy up.
      if (!isStarted) return destroy()
      await thaw()
      await kill('SIGTERM')
      const timer = createDeferred<void>()
      const cancel = clock.after(graceMs, timer.resolve)
      await Promise.race([exitSeen(), timer.promise])
      cancel()
      if (hasEnded) return exitSeen()
      await kill('SIGKILL')
      await exitSeen()
    },
    destroy,
  }

  function exitSeen(): Promise<void> {
    return exit.promise.then(
      () => undefined,
      () => undefined,
    )
  }

  function unanswered(error: unknown, done: string): RuntimeError {
    return new RuntimeError('SANDBOX_004', `The sandbox could not be ${done}: ${daemonWords(error)}`, { cause: error })
  }
}

/** A daemon that hangs must not hold a start that was called off. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
