import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { type Clock, type Log, messageOf, RuntimeError } from '../../core'
import { createDeferred } from '../deferred'
import type { Sandbox, SandboxExit, SandboxIo } from '../types'
import { daemonWords, statusOf } from './connection'
import { attach, openStats, registerExit, removeContainer, unpack } from './container'
import { demux } from './demux'
import { jsonLines } from './json-lines'
import { sampleOf } from './stats'

/** How long the last output may take to arrive once a container has ended. */
const LAST_OUTPUT_MS = 1_000
/** How long a removal may take before the daemon counts as gone. */
const REMOVAL_MS = 15_000
/** How often, and how far apart, a daemon that went silent is asked what became of a container. */
const RECOVERY_TRIES = 4
const RECOVERY_PAUSE_MS = 500

const NEVER_RAN: SandboxExit = { exitCode: null, signal: null, outOfMemory: false }
const SIGNALS: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' }

export interface DockerSandboxOptions {
  readonly docker: Docker
  readonly id: string
  readonly image: string
  readonly notEnforced: readonly string[]
  /** The work folder as a tar archive; let go of once it is unpacked. */
  readonly archive: Buffer
  readonly clock: Clock
  readonly log: Log
}

/** One container around one execution. It is removed when its program has ended, whoever ended it. */
export const createDockerSandbox = (options: DockerSandboxOptions): Sandbox => {
  const { docker, id, clock, log } = options
  const container = docker.getContainer(id)
  const exit = createDeferred<SandboxExit>()
  exit.promise.catch(() => undefined)
  const running = createDeferred<boolean>()
  let archive: Buffer | undefined = options.archive
  let starting: Promise<SandboxIo> | undefined
  let removing: Promise<void> | undefined
  let line: Duplex | undefined
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
  }

  /** After an exit was seen: ask why, let the last output through, remove the container, then tell. */
  const settle = async (exitCode: number, outputEnded: Promise<void>): Promise<void> => {
    hasEnded = true
    const wasKilledForMemory = await container.inspect().then(
      (facts) => facts.State.OOMKilled === true,
      () => false,
    )
    await Promise.race([outputEnded, pause(LAST_OUTPUT_MS)])
    await remove().catch((error: unknown) =>
      log.warn({ container: id, cause: messageOf(error) }, 'container left over'),
    )
    line?.destroy()
    // The flag is also set when a child was killed and the program went on to a good end.
    end({ exitCode, signal: SIGNALS[exitCode] ?? null, outOfMemory: wasKilledForMemory && exitCode !== 0 })
  }

  /** The daemon went silent: find out what became of the container, or say that it cannot be known. */
  const recover = async (outputEnded: Promise<void>): Promise<void> => {
    let lastWords = 'the daemon does not answer'
    for (let attempt = 0; attempt < RECOVERY_TRIES; attempt++) {
      try {
        const { State: state } = await container.inspect()
        if (!state.Running) return await settle(state.ExitCode, outputEnded)
        // The line to the program was cut with the daemon; without it the program cannot ask for anything.
        await remove()
        lastWords = 'the connection to the running container was lost'
        break
      } catch (error) {
        lastWords = daemonWords(error)
        if (statusOf(error) === 404) break
        await pause(RECOVERY_PAUSE_MS)
      }
    }
    line?.destroy()
    end(new RuntimeError('SANDBOX_004', `How the program ended cannot be known: ${lastWords}`))
  }

  const watch = async (exitCode: Promise<number>, outputEnded: Promise<void>): Promise<void> => {
    const code = await exitCode.catch(() => undefined)
    await (code === undefined ? recover(outputEnded) : settle(code, outputEnded))
  }

  const open = async (signal: AbortSignal): Promise<SandboxIo> => {
    signal.throwIfAborted()
    const [stream, registered] = await Promise.all([attach(container), registerExit(docker, id)])
    line = stream
    const { stdout, stderr, ended } = demux(stream)
    signal.throwIfAborted()
    await container.start()
    void watch(registered.exitCode, ended)
    const files = archive
    archive = undefined
    if (files !== undefined) await unpack(container, files)
    signal.throwIfAborted()
    isStarted = true
    running.resolve(true)
    return { stdin: stream, stdout, stderr }
  }

  const begin = async (signal: AbortSignal): Promise<SandboxIo> => {
    try {
      return await unlessAborted(open(signal), signal)
    } catch (error) {
      line?.destroy()
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
    await remove()
    line?.destroy()
    // A program that ran is told about by its exit; one that never began has no exit to wait for.
    if (starting === undefined) end(NEVER_RAN)
  }

  return {
    id,
    backend: 'docker runc',
    image: options.image,
    notEnforced: options.notEnforced,
    start(signal) {
      starting ??= hasEnded
        ? Promise.reject(new RuntimeError('SANDBOX_002', 'The sandbox has ended and cannot be started.'))
        : begin(signal)
      return starting
    },
    wait: () => exit.promise,
    stats(onSample) {
      const abort = new AbortController()
      const follow = async (): Promise<void> => {
        if (!(await running.promise) || abort.signal.aborted) return
        const stream = await openStats(container)
        abort.signal.addEventListener('abort', () => stream.destroy(), { once: true })
        if (abort.signal.aborted) stream.destroy()
        for await (const message of jsonLines(stream)) {
          if (abort.signal.aborted || hasEnded) return
          const sample = sampleOf(message, clock.nowMs())
          if (sample !== undefined) onSample(sample)
        }
      }
      follow().catch((error: unknown) => {
        if (!abort.signal.aborted && !hasEnded) {
          log.warn({ container: id, cause: daemonWords(error) }, 'statistics ended early')
        }
      })
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
