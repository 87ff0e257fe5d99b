import { type AgentDefinition, type AgentId, type CorrelationId, ERRORS, type ExecutionId, type Json } from '@contract'
import { asRuntimeError, engineCaller, messageOf, RuntimeError } from '../core'
import { preloadGateway, serveAgent } from '../gateway'
import type { Sandbox, SandboxDriver, SandboxExit } from '../sandbox'
import type { Tx } from '../store'
import { rowOf } from './agents'
import { type End, endOf, INTERRUPTED, type Interruption } from './end-of-run'
import { createPausableTimer } from './pausable-timer'
import type { RunPorts } from './run-ports'
import { type Completion, createSession } from './session'
import { ended, splitLines } from './split-lines'
import { createWaiting } from './waiting'

export interface RunOrder {
  readonly agentId: AgentId
  readonly executionId: ExecutionId
  readonly correlationId: CorrelationId
  readonly definition: AgentDefinition
  readonly input: Json
  readonly driver: SandboxDriver
}

/** One run while it is under way. */
export interface LiveRun {
  /** Resolves when the run has ended and everything of it is on the disk; never rejects. */
  readonly done: Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  requestStop(cause: 'stopped-by-operator' | 'engine-stopped'): void
  /** Within the transaction that makes the agent Running again: it is Waiting, when calls of it wait for a person. */
  resumeWaiting(tx: Tx): void
}

/** Limits of the definition that no back-end is asked for in this version: said, never pretended. */
const NOT_ENFORCED = ['idle timeout: a run that does nothing is not ended'] as const

/** Who closes the console does not wait for programs that will not end. */
const CLOSING_GRACE_MS = 1000

/** How long the rest of a log may take after the program ended. */
const DRAIN_MS = 1000

/** Drive one run from its sandbox to its end. */
export const createLiveRun = (ports: RunPorts, order: RunOrder): LiveRun => {
  const { gate, agents, clock, events, log, limits } = ports
  const { agentId, executionId, correlationId, definition, driver } = order
  const runLog = ports.logs.open(executionId)
  const runStats = ports.stats.open(executionId)
  const aborted = new AbortController()
  let interruption: Interruption | null = null
  let completion: Completion | null = null
  const held: { sandbox: Sandbox | null } = { sandbox: null }
  let stopping: Promise<void> | null = null
  const waiting = createWaiting({ agents, agentId, correlationId })

  const session = createSession(ports, {
    caller: { kind: 'agent', id: agentId, name: definition.name, executionId, correlationId },
    executionId,
    correlationId,
    definition,
    log: runLog,
    onCompletion: (value) => {
      completion ??= value
    },
    wait: waiting.hooks,
  })

  /** A line of ours in the run's log; the run does not wait for it. */
  const note = (level: 'info' | 'warn' | 'error', text: string): void => {
    runLog.append([{ source: 'engine', level, text }]).catch((error: unknown) => {
      log.warn({ execution: executionId, reason: messageOf(error) }, 'a log line could not be kept')
    })
  }

  const engineAct = <Action extends 'agent.ready' | 'agent.running' | 'run.end'>(
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

  const interrupt = (cause: Interruption): void => {
    if (interruption !== null) return
    interruption = cause
    waiting.end()
    session.callOff(INTERRUPTED[cause].message ?? 'The run was ended.')
    aborted.abort(new RuntimeError('RUN_003', INTERRUPTED[cause].message ?? ''))
    note('warn', INTERRUPTED[cause].message ?? cause)
    const target = held.sandbox
    if (target === null) return
    const graceMs = cause === 'engine-stopped' ? CLOSING_GRACE_MS : limits.terminationTimeoutMs
    stopping = target.stop(graceMs).catch((error: unknown) => {
      log.warn({ execution: executionId, reason: messageOf(error) }, 'the sandbox did not stop')
      // Tried again when the run is settled; a rejection here would leave the run open for ever.
      return target.destroy().catch(() => undefined)
    })
  }

  const prepare = async (): Promise<void> => {
    const task = ports.tasks.start(`Prepare the sandbox of ${definition.name}`, { cancellable: true })
    try {
      await Promise.all([
        driver.prepare(AbortSignal.any([task.signal, aborted.signal]), (step, progress) =>
          task.progress(step, progress),
        ),
        preloadGateway(),
      ])
      task.succeed()
    } catch (error) {
      task.fail(error)
      throw error
    }
  }

  /** The state of the agent moves on, unless somebody is ending it meanwhile. */
  const moveTo = (to: 'Ready' | 'Running', reason: string, sandboxInfo: Sandbox | null): Promise<void> =>
    gate.commit(
      engineAct(to === 'Ready' ? 'agent.ready' : 'agent.running', { sandbox: sandboxInfo?.id ?? null }),
      (tx) => {
        agents.move(tx, { id: agentId, to, reason, correlationId })
        if (to === 'Running') waiting.resume(tx)
        if (sandboxInfo === null) return
        const info = {
          backend: sandboxInfo.backend,
          id: sandboxInfo.id,
          image: sandboxInfo.image,
          notEnforced: [...sandboxInfo.notEnforced, ...NOT_ENFORCED],
        }
        tx.run(`UPDATE executions SET state = 'running', sandbox = :info WHERE id = :executionId`, {
          executionId,
          info: JSON.stringify(info),
        })
        tx.onCommit(() => events.publish('executions.changed', { id: executionId, agentId }))
      },
    )

  /** Resolves with the promise, or after `limitMs` without it. */
  const atMost = (promise: Promise<void>, limitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(limitMs, resolve)
      promise.then(() => {
        cancel()
        resolve()
      }, resolve)
    })

  const timer = createPausableTimer({
    clock,
    totalMs: definition.limits.executionTimeoutMs,
    onDue: () => interrupt('execution-timeout'),
  })

  const drive = async (): Promise<SandboxExit> => {
    await ports.sweeper.sweep()
    await prepare()
    if (rowOf(ports.store, agentId).state === 'Initializing') await moveTo('Ready', 'sandbox image is there', null)
    const initialization = AbortSignal.any([aborted.signal, AbortSignal.timeout(limits.initializationTimeoutMs)])
    const made = await driver.create({
      agentId,
      executionId,
      correlationId,
      limits: definition.limits,
      program: definition.source.text,
      inputJson: JSON.stringify(order.input),
      files: definition.files,
    })
    held.sandbox = made
    note('info', `Not enforced here: ${[...made.notEnforced, ...NOT_ENFORCED].join('; ')}.`)
    aborted.signal.throwIfAborted()
    const exit = made.wait()
    // Handled below; without this a failure while starting would be an unhandled rejection.
    exit.catch(() => undefined)
    const io = await made.start(initialization)
    note('info', `Started in ${made.backend} ${made.id.slice(0, 12)}.`)
    const gateway = serveAgent(io, session, { log, onFault: (sentence) => note('warn', sentence) })
    splitLines(io.stderr, (lines) => {
      runLog
        .append(lines.map((text) => ({ source: 'agent', level: 'info', text })))
        .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'log lines could not be kept'))
    })
    const stopStats = made.stats((sample) => runStats.add(sample))
    const drained = ended(io.stderr)
    try {
      await moveTo('Running', 'program started', made)
      timer.go()
      const result = await exit
      // The last words of a program may still be on their way when its end is known.
      await atMost(drained, DRAIN_MS)
      return result
    } finally {
      timer.halt()
      stopStats()
      await gateway.close()
    }
  }

  const settle = async (end: End): Promise<void> => {
    await gate.commit(engineAct('run.end', { cause: end.cause, exitCode: end.exitCode, state: end.state }), (tx) => {
      tx.run(
        `UPDATE executions SET state = :state, end_cause = :cause, error_code = :code, error_message = :message,
         exit_code = :exitCode, output = :output, ended_at = :at, peak_memory_bytes = :peak, cpu_time_ms = :cpu
         WHERE id = :executionId`,
        {
          executionId,
          state: end.state,
          cause: end.cause,
          code: end.code,
          message: end.message,
          exitCode: end.exitCode,
          output: JSON.stringify(end.output),
          at: clock.nowMs(),
          peak: runStats.peakMemoryBytes(),
          cpu: runStats.cpuTimeMs(),
        },
      )
      const { state } = rowOf(tx, agentId)
      const move = (to: Parameters<typeof agents.move>[1]['to']): void =>
        agents.move(tx, { id: agentId, to, reason: end.message ?? 'run completed', correlationId })
      if (state === 'Terminating') move('Terminated')
      else if (end.state === 'succeeded') {
        if (state === 'Suspended' || state === 'Ready' || state === 'Waiting') move('Running')
        move('Completed')
      } else {
        if (state === 'Suspended' || state === 'Ready') move('Running')
        move('Failed')
      }
      tx.onCommit(() => events.publish('executions.changed', { id: executionId, agentId }))
    })
  }

  const failed = (error: unknown): End => {
    if (interruption !== null)
      return { ...INTERRUPTED[interruption], cause: interruption, exitCode: null, output: null }
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

  const done = (async () => {
    let end: End
    try {
      const exit = await drive()
      end = endOf(exit, completion, interruption)
    } catch (error) {
      end = failed(error)
      // What is known of the tiers may be why this failed, or wrong by now.
      ports.sandboxes
        .statuses({ fresh: true })
        .catch((cause: unknown) => log.warn({ cause }, 'the tiers cannot be seen'))
    }
    end = masked(end)
    if (stopping !== null) await stopping
    await held.sandbox?.destroy().catch((error: unknown) => {
      ports.sweeper.later()
      log.warn({ execution: executionId, reason: messageOf(error) }, 'the sandbox could not be removed yet')
    })
    waiting.end()
    if (end.message !== null) note(end.state === 'failed' ? 'error' : 'warn', end.message)
    note('info', `Ended: ${end.cause}.`)
    await settle(end).catch((error: unknown) => {
      log.error({ execution: executionId, reason: messageOf(error) }, 'the end of a run could not be recorded')
    })
    // Only now: until its end was recorded, the output and the last words must be masked.
    session.close()
    runStats.close()
    runLog.close()
  })()

  return {
    done,
    async pause() {
      await held.sandbox?.pause()
      timer.halt()
    },
    async resume() {
      await held.sandbox?.resume()
      timer.go()
    },
    requestStop: interrupt,
    resumeWaiting: waiting.resume,
  }
}
