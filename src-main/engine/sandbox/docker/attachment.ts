import type Docker from 'dockerode'
import { type Clock, type Log, RuntimeError } from '../../core'
import { createDeferred } from '../deferred'
import type { SandboxIo } from '../types'
import { daemonWords, statusOf } from './connection'
import { attach, attachInput, openLogOf, registerExit } from './container'
import type { DaemonLink, LinkListener } from './daemon-link'
import { createInput } from './input'
import { createOutput } from './output'

/** A connection that ends because the program ended is followed by the exit within this time. */
const EXIT_FOLLOWS_MS = 500
/** How long the last output may take to arrive once a program has ended; longer where it has to be read from the log. */
const LAST_OUTPUT_MS = 1_000
const LAST_LOG_MS = 5_000
/** Between two attempts to take up a container again while its daemon answers. */
const RETRY_MS = 500

export interface AttachmentPorts {
  readonly docker: Docker
  readonly id: string
  readonly link: DaemonLink
  readonly clock: Clock
  readonly log: Log
}

/**
 * What connects us with the program in one container: its streams and the news of its exit. While its daemon is away
 * nothing is given up: the program may go on running, so the attachment waits and takes up everything again where it was
 * cut. Only an exit that was seen, a container that is gone, and {@link Attachment.close} end it.
 */
export interface Attachment {
  readonly io: SandboxIo
  /** Attach to the container that `start` starts. */
  open(start: () => Promise<unknown>): Promise<void>
  /** The exit code. Rejects with SANDBOX_004 when the container is gone, or when nobody waits any more. */
  readonly exitCode: Promise<number>
  /** Hand on what is left of the output of a program that has ended. Resolves when there is no more. */
  flush(): Promise<void>
  onLink(listener: LinkListener): () => void
  /** Resolves when the container is in reach again, or at once when it is. */
  reachable(): Promise<void>
  close(): void
}

export const createAttachment = ({ docker, id, link, clock, log }: AttachmentPorts): Attachment => {
  const container = docker.getContainer(id)
  const openLog = openLogOf(docker, id)
  const input = createInput()
  const output = createOutput(log)
  const exit = createDeferred<number>()
  exit.promise.catch(() => undefined)
  const listeners = new Set<LinkListener>()
  let isOver = false
  let isRecovering = false
  let awaitsExit = false
  /** Its end was found while nothing was connected: the last of its output is in the log. */
  let isCut = false
  /** The streams that are connected now; what an older one does no longer matters. */
  let flow: Promise<void> | null = null
  let lost: { readonly reason: string; readonly back: ReturnType<typeof createDeferred<void>> } | null = null
  let unwatch: () => void = () => undefined

  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))

  const tellLost = (reason: string): void => {
    if (lost !== null || isOver) return
    lost = { reason, back: createDeferred<void>() }
    for (const listener of [...listeners]) listener('lost', reason)
  }

  const tellBack = (): void => {
    if (lost === null) return
    const { back } = lost
    lost = null
    back.resolve()
    for (const listener of [...listeners]) listener('back', 'The container was taken up again where it was left.')
  }

  const finish = (result: number | RuntimeError): void => {
    if (isOver) return
    isOver = true
    unwatch()
    lost?.back.resolve()
    if (result instanceof RuntimeError) exit.reject(result)
    else exit.resolve(result)
  }

  const awaitExit = (exitCode: Promise<number>): void => {
    awaitsExit = true
    exitCode.then(finish, () => {
      awaitsExit = false
      void broken()
    })
  }

  const follow = async (next: Promise<void>): Promise<void> => {
    flow = next
    await next
    if (flow !== next) return
    flow = null
    input.disconnect()
    await Promise.race([exit.promise.catch(() => undefined), pause(EXIT_FOLLOWS_MS)])
    await broken()
  }

  /** Something broke off: is it the program, the daemon, or only the connection? */
  const broken = async (): Promise<void> => {
    if (isOver) return
    await link.check()
    await recover()
  }

  /** Take up what is cut. True when nothing is left to do. */
  const regain = async (): Promise<boolean> => {
    try {
      const { State: state } = await container.inspect()
      if (!state.Running) {
        isCut = flow === null
        finish(state.ExitCode)
        return true
      }
      if (!awaitsExit) awaitExit((await registerExit(docker, id, 'not-running')).exitCode)
      if (flow === null) {
        tellLost('the connection to the container broke')
        const { ended } = await output.goOn(openLog)
        input.connect(await attachInput(container))
        void follow(ended)
      }
      return awaitsExit && flow !== null
    } catch (error) {
      if (statusOf(error) !== 404) return false
      finish(new RuntimeError('SANDBOX_004', 'The container is gone: Docker no longer knows it.'))
      return true
    }
  }

  const recover = async (): Promise<void> => {
    if (isRecovering) return
    isRecovering = true
    let isDone = false
    // While the daemon is away the link asks for all, and calls again when it is back.
    while (!isDone && !isOver && !link.isLost()) {
      isDone = await regain()
      if (!isDone && !isOver) await pause(RETRY_MS)
    }
    isRecovering = false
    if (isDone && !isOver) tellBack()
  }

  return {
    io: { stdin: input.stdin, stdout: output.stdout, stderr: output.stderr },
    exitCode: exit.promise,

    async open(start) {
      const [line, { exitCode }] = await Promise.all([attach(container), registerExit(docker, id)])
      input.connect(line)
      const flowing = output.attached(line)
      await start()
      awaitExit(exitCode)
      void follow(flowing)
      unwatch = link.watch((state, reason) => {
        if (state === 'lost') tellLost(reason)
        else void recover()
      })
    },

    async flush() {
      if (flow !== null) return Promise.race([flow, pause(LAST_OUTPUT_MS)])
      if (!isCut) return
      const rest = output.finish(openLog).catch((error: unknown) => {
        log.warn({ container: id, cause: daemonWords(error) }, 'the last output could not be read')
      })
      await Promise.race([rest, pause(LAST_LOG_MS)])
    },

    onLink(listener) {
      listeners.add(listener)
      if (lost !== null) listener('lost', lost.reason)
      return () => listeners.delete(listener)
    },

    reachable: async () => lost?.back.promise,

    close() {
      finish(new RuntimeError('SANDBOX_004', 'How the program ended is not known: nobody waited for it any more.'))
      flow = null
      input.destroy()
      output.end()
    },
  }
}
