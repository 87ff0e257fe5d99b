import { type AgentId, ERRORS, type ExecutionId, type Json, type StatsSample } from '@contract'
import { asRuntimeError, engineCaller, messageOf, RuntimeError } from '../core'
import { type GatewaySession, preloadGateway, serveAgent } from '../gateway'
import type { Sandbox, SandboxExit } from '../sandbox'
import type { Tx } from '../store'
import { type End, endOf, INTERRUPTED, type Interruption } from './end-of-run'
import type { Executions } from './executions'
import { createIdleWatch } from './idle-watch'
import type { LiveRuns } from './live-runs'
import { createPausableTimer } from './pausable-timer'
import { stateOf } from './rows'
import type { RunPorts, StartedOrder } from './run-ports'
import { type Completion, createSession } from './session'
import type { Settlement } from './settlement'
import { ended, splitLines } from './split-lines'

/** One run while it is under way. */
export interface LiveRun {
  readonly agentId: AgentId
  readonly executionId: ExecutionId
  readonly backend: string
  /** Resolves when the run has ended and everything of it is on the disk; never rejects. */
  readonly done: Promise<void>
  /** Its program was started and has not ended. */
  isProgram(): boolean
  /** Why it does not go on, in words; null when it does. */
  waitsFor(): string | null
  /** Freeze it, now or as soon as its program starts. */
  pause(): Promise<void>
  resume(): Promise<void>
  requestStop(cause: Interruption, message?: string): void
  /** Its sandbox is gone, and nobody has told us so. */
  vanished(): void
  /** Something that was to happen to it did not. */
  fault(error: unknown): void
}

/** What all runs share beside the ports of the area. */
export interface LiveRunPorts extends RunPorts {
  readonly peers: LiveRuns
  readonly executions: Executions
  readonly settlement: Settlement
}

/** Who closes the console does not wait for programs that will not end. */
const CLOSING_GRACE_MS = 1000

/** How long the rest of a log may take after the program ended. */
const DRAIN_MS = 1000

/** After its grace, a sandbox has this long to be gone before the run is settled without it. */
const ABANDON_MS = 10_000

/** Drive one run from its sandbox to its end. */
export const createLiveRun = (ports: LiveRunPorts, order: StartedOrder): LiveRun => {
  const { gate, agents, clock, log, limits, peers, executions, settlement } = ports
  const { agentId, executionId, correlationId, definition, driver } = order
  const runLog = ports.logs.open(executionId)
  const runStats = ports.stats.open(executionId)
  const aborted = new AbortController()
  let interruption: { cause: Interruption; message: string } | null = null
  let completion: Completion | null = null
  const held: { sandbox: Sandbox | null } = { sandbox: null }
  let stopping: Promise<void> | null = null
  let phase: 'starting' | 'running' | 'over' = 'starting'
  let wasStarted = false
  let isPaused = false
  let approvals = 0
  let linkLost: string | null = null
  /** Lets the program ask again what may have been lost with its connection. */
  let askAgain: () => Promise<void> = async () => undefined

  // Set at once and not with the commit, so that a second change within one commit sees the first. When a transaction
  // is rolled back, the next one puts the state right.
  const session = createSession(ports, {
    caller: { kind: 'agent', id: agentId, name: definition.name, executionId, correlationId },
    executionId,
    correlationId,
    definition,
    log: runLog,
    onCompletion: (value) => {
      completion ??= value
    },
    wait: {
      onHeld(tx, waiting) {
        approvals = waiting
        peers.reflect(tx, agentId, correlationId)
      },
      onReleased(tx, waiting) {
        approvals = waiting
        if (interruption === null) peers.reflect(tx, agentId, correlationId)
      },
    },
  })

  /** A line of ours in the run's log; the run does not wait for it. */
  const note = (level: 'info' | 'warn' | 'error', text: string): void => {
    runLog.append([{ source: 'engine', level, text }]).catch((error: unknown) => {
      log.warn({ execution: executionId, reason: messageOf(error) }, 'a log line could not be kept')
    })
  }
  const fault = (error: unknown): void =>
    log.warn({ execution: executionId, reason: messageOf(error) }, 'a run could not be brought where it should be')

  const engineAct = <Action extends 'agent.ready' | 'agent.running' | 'agent.waiting' | 'agent.recover' | 'run.end'>(
    action: Action,
    details: Record<string, Json>,
  ) => ({
    caller: engineCaller('lifecycle'),
    accountOf: 'fact' as const,
    correlationId,
    action,
    resource: definition.name,
    tier: definition.securityTier,
    details: { agentId, execution: executionId, ...details },
  })

  const initialization = createPausableTimer({
    clock,
    totalMs: limits.initializationTimeoutMs,
    onDue: () => interrupt('initialization-timeout'),
  })
  const execution = createPausableTimer({
    clock,
    totalMs: definition.limits.executionTimeoutMs,
    onDue: () => interrupt('execution-timeout'),
  })
  const idle = createIdleWatch({
    clock,
    idleMs: definition.limits.idleTimeoutMs,
    onIdle: () => interrupt('idle-timeout'),
  })
  let cancelHealthy: () => void = () => undefined

  /** Time counts while the program can use it. */
  const setClocks = (): void => {
    if (phase === 'running' && !isPaused && linkLost === null && interruption === null) {
      execution.go()
      idle.go()
    } else {
      execution.halt()
      idle.halt()
    }
  }

  /** Ends what waits for a program that will never answer again. */
  let abandon: (error: RuntimeError) => void = () => undefined
  const abandoned = new Promise<never>((_resolve, reject) => {
    abandon = reject
  })
  abandoned.catch(() => undefined)

  /** Resolves with whether the promise was settled within the time. */
  const within = (promise: Promise<unknown>, limitMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const cancel = clock.after(limitMs, () => resolve(false))
      const settle = (): void => {
        cancel()
        resolve(true)
      }
      promise.then(settle, settle)
    })

  const endSandbox = async (target: Sandbox, cause: Interruption): Promise<void> => {
    const graceMs = cause === 'engine-stopped' ? CLOSING_GRACE_MS : limits.terminationTimeoutMs
    const stopped = target.stop(graceMs).catch((error: unknown) => {
      log.warn({ execution: executionId, reason: messageOf(error) }, 'the sandbox did not stop')
      // Tried again when the run is settled; a rejection here would leave the run open for ever.
      return target.destroy().catch(() => undefined)
    })
    if (await within(stopped, graceMs + ABANDON_MS)) return
    ports.sweeper.later()
    abandon(new RuntimeError('SANDBOX_004', 'The back-end did not say that the program has ended.'))
  }

  const interrupt = (cause: Interruption, message: string = INTERRUPTED[cause].message): void => {
    if (interruption !== null || phase === 'over') return
    interruption = { cause, message }
    setClocks()
    initialization.halt()
    session.callOff(message)
    aborted.abort(new RuntimeError('RUN_003', message))
    note('warn', message)
    if (held.sandbox !== null) stopping = endSandbox(held.sandbox, cause)
  }

  /** Give up waiting when the run is interrupted; what comes too late is undone. */
  const unlessAborted = <T>(work: Promise<T>, undo: (value: T) => Promise<unknown> = async () => undefined) =>
    new Promise<T>((resolve, reject) => {
      const { signal } = aborted
      const onAbort = (): void => reject(signal.reason)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      work
        .then((value) => {
          if (signal.aborted)
            undo(value).catch(() => {
              ports.sweeper.later()
            })
          else resolve(value)
        }, reject)
        .finally(() => signal.removeEventListener('abort', onAbort))
    })

  const prepare = async (): Promise<void> => {
    const task = ports.tasks.start(`Prepare the sandbox of ${definition.name}`, { cancellable: true })
    try {
      await unlessAborted(
        Promise.all([
          driver.prepare(AbortSignal.any([task.signal, aborted.signal]), (step, progress) =>
            task.progress(step, progress),
          ),
          preloadGateway(),
        ]),
      )
      task.succeed()
    } catch (error) {
      task.fail(error)
      throw error
    }
  }

  const isReady = async (): Promise<void> => {
    if (stateOf(ports.store, agentId) !== 'Initializing') return
    await gate.commit(engineAct('agent.ready', {}), (tx) => {
      // Another run of the agent may have come first.
      if (stateOf(tx, agentId) === 'Initializing')
        agents.move(tx, { id: agentId, to: 'Ready', reason: 'sandbox image is there', correlationId })
    })
  }

  const isRunning = async (made: Sandbox): Promise<void> => {
    await gate.commit(engineAct('agent.running', { sandbox: made.id, backend: made.backend }), (tx) => {
      executions.running(
        tx,
        { id: executionId, agent_id: agentId },
        {
          backend: made.backend,
          id: made.id,
          image: made.image,
          notEnforced: [...made.notEnforced],
        },
      )
      phase = 'running'
      // Suspended meanwhile: it is frozen, and stays so until a person resumes it.
      if (!['Suspended', 'Running', 'Waiting'].includes(stateOf(tx, agentId)))
        agents.moveOver(tx, { id: agentId, to: 'Running', reason: 'program started', correlationId }, ['Ready'])
      peers.reflect(tx, agentId, correlationId)
    })
    setClocks()
    if ((ports.recovery.restartState(agentId)?.attempts ?? 0) > 0)
      cancelHealthy = clock.after(limits.restartResetMs, () => {
        gate
          .commit(engineAct('agent.recover', { healthyForMs: limits.restartResetMs }), (tx) => {
            ports.recovery.healthy(tx, agentId)
            tx.onCommit(() => agents.index.restartsChanged(agentId))
          })
          .catch(fault)
      })
  }

  const onLink = (link: 'lost' | 'back', why: string): void => {
    if (phase === 'over') return
    const reason = link === 'lost' ? `waits for the back-end: ${why}` : null
    if ((reason === null) === (linkLost === null)) return
    linkLost = reason
    setClocks()
    if (link === 'back') void askAgain()
    note(link === 'lost' ? 'warn' : 'info', link === 'lost' ? `The back-end is lost: ${why}` : 'The back-end is back.')
    if (phase !== 'running') return
    gate
      .commit(engineAct(link === 'lost' ? 'agent.waiting' : 'agent.running', { link, why }), (tx) => {
        if (phase === 'running') peers.reflect(tx, agentId, correlationId)
      })
      .catch(fault)
  }

  /** The session, watched: a program that calls is not idle. */
  const watched: GatewaySession = {
    tools() {
      idle.touch()
      return session.tools()
    },
    async call(name, args, signal) {
      const over = idle.busy()
      try {
        return await session.call(name, args, signal)
      } finally {
        over()
      }
    },
  }

  const drive = async (): Promise<SandboxExit> => {
    initialization.go()
    await unlessAborted(ports.sweeper.sweep())
    // An image that is fetched for the first time takes as long as it takes; it is a task that can be cancelled.
    initialization.halt()
    await prepare()
    initialization.go()
    await isReady()
    const made = await unlessAborted(
      driver.create({
        agentId,
        executionId,
        correlationId,
        limits: definition.limits,
        program: definition.source.text,
        inputJson: JSON.stringify(order.input),
        files: definition.files,
      }),
      (late) => late.destroy(),
    )
    held.sandbox = made
    if (made.notEnforced.length > 0) note('info', `Not enforced here: ${made.notEnforced.join('; ')}.`)
    aborted.signal.throwIfAborted()
    const exit = made.wait()
    // Handled below; without this a failure while starting would be an unhandled rejection.
    exit.catch(() => undefined)
    const unlink = made.onLink(onLink)
    const io = await unlessAborted(made.start(aborted.signal))
    wasStarted = true
    if (isPaused) await made.pause()
    note('info', `Started in ${made.backend} ${made.id.slice(0, 12)}.`)
    const gateway = serveAgent(io, watched, { log, onFault: (sentence) => note('warn', sentence) })
    askAgain = gateway.connectedAgain
    splitLines(io.stderr, (lines) => {
      idle.touch()
      runLog
        .append(lines.map((text) => ({ source: 'agent', level: 'info', text })))
        .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'log lines could not be kept'))
    })
    const usage = ports.resources.watch({
      executionId,
      correlationId,
      sandbox: made,
      onStop: (kind) =>
        interrupt('resource-violation', `The run used more ${kind} than it was granted, again and again.`),
    })
    const stopStats = made.stats((sample: StatsSample) => {
      runStats.add(sample)
      usage.sample(sample)
      idle.cpu(sample.cpuPercent)
    })
    const drained = ended(io.stderr)
    try {
      await isRunning(made)
      initialization.halt()
      const result = await Promise.race([exit, abandoned])
      // The last words of a program may still be on their way when its end is known.
      await within(drained, DRAIN_MS)
      return result
    } finally {
      execution.halt()
      idle.halt()
      cancelHealthy()
      stopStats()
      usage.close()
      unlink()
      await gateway.close()
    }
  }

  const settle = (end: End): Promise<void> =>
    gate.commit(engineAct('run.end', { cause: end.cause, exitCode: end.exitCode, state: end.state }), (tx: Tx) => {
      const row = executions.row(tx, executionId)
      if (row === undefined || row.ended_at !== null) return
      settlement.settle(tx, row, {
        end,
        spent: { peakMemoryBytes: runStats.peakMemoryBytes(), cpuTimeMs: runStats.cpuTimeMs() },
        started: wasStarted,
      })
    })

  const failed = (error: unknown): End => {
    if (interruption !== null)
      return { ...INTERRUPTED[interruption.cause], ...interruption, exitCode: null, output: null }
    const known = asRuntimeError(error, 'SANDBOX_002', 'The run could not be started')
    return {
      state: 'failed',
      cause: 'sandbox-failed',
      code: known.code,
      // The table's step is shown with the code; a better one would be lost.
      message: known.nextStep === ERRORS[known.code].nextStep ? known.message : `${known.message} ${known.nextStep}`,
      exitCode: null,
      output: null,
    }
  }

  /** What a program gave as its last word is kept in more than one place, so it is masked once, before all of them. */
  const masked = (end: End): End => ({
    ...end,
    message: end.message === null ? null : ports.redactor.text(end.message),
    output: ports.redactor.json(end.output),
  })

  const run = async (): Promise<void> => {
    let end: End
    try {
      end = endOf(await drive(), completion, interruption)
    } catch (error) {
      end = failed(error)
      // What is known of the tiers may be why this failed, or wrong by now.
      if (interruption === null)
        ports.sandboxes
          .statuses({ fresh: true })
          .catch((cause: unknown) => log.warn({ cause }, 'the tiers cannot be seen'))
    }
    initialization.halt()
    end = masked(end)
    if (stopping !== null) await stopping
    const removed = held.sandbox?.destroy().catch((error: unknown) => {
      ports.sweeper.later()
      log.warn({ execution: executionId, reason: messageOf(error) }, 'the sandbox could not be removed yet')
    })
    if (removed !== undefined && !(await within(removed, ABANDON_MS))) ports.sweeper.later()
    if (end.message !== null) note(end.state === 'failed' ? 'error' : 'warn', end.message)
    note('info', `Ended: ${end.cause}.`)
    phase = 'over'
    await settle(end).catch((error: unknown) => {
      log.error({ execution: executionId, reason: messageOf(error) }, 'the end of a run could not be recorded')
    })
    // Only now: until its end was recorded, the output and the last words must be masked.
    session.close()
    runStats.close()
    runLog.close()
  }

  return {
    agentId,
    executionId,
    backend: driver.id,
    // What shares our ports may not be whole yet, so nothing of the run happens before whoever made it goes on.
    done: Promise.resolve().then(run).catch(fault),
    isProgram: () => phase === 'running',
    waitsFor: () => linkLost ?? (approvals > 0 ? 'waits for a person to approve' : null),
    async pause() {
      isPaused = true
      setClocks()
      if (wasStarted) await held.sandbox?.pause()
    },
    async resume() {
      isPaused = false
      if (wasStarted) await held.sandbox?.resume()
      setClocks()
    },
    requestStop: interrupt,
    vanished: () => abandon(new RuntimeError('SANDBOX_004', 'The sandbox is gone, and its back-end did not say why.')),
    fault,
  }
}
