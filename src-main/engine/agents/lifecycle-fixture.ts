import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { AgentDefinition, BackendId, CorrelationId, ExecutionId, StatsSample } from '@contract'
import { expect, onTestFinished } from 'vitest'
import { createAudit } from '../audit'
import { type Caller, createEvents, createIds, createManualClock, createRedactor, silentLog } from '../core'
import { openGate } from '../gate'
import { createPolicy } from '../policy'
import type { Failure, RecoveryDecision } from '../recovery/types'
import type { ReserveOrder } from '../resources/types'
import type { Sandbox, SandboxDriver, SandboxExit, SandboxSpec } from '../sandbox'
import type { QueueEntry, RunStarter, StartedRun } from '../scheduler/types'
import { openStore } from '../store'
import { createTasks } from '../tasks'
import { tempDir } from '../testing/temp-dir'
import { createAgents } from './agents'
import { createBulk } from './bulk'
import { createExecutionLogs } from './execution-log'
import { createExecutionStats } from './execution-stats'
import { createHeartbeats } from './heartbeats'
import { createAgentMemory } from './memory'
import type { RunPorts } from './run-ports'
import { createRuns } from './runs'

export const operator: Caller = { kind: 'operator', id: 'test', scopes: new Set() }

const AMOUNTS = { memoryBytes: 1024, cpuMillis: 100, diskIoMbps: 1, networkIoMbps: 1 }

export const definition = (change: Partial<AgentDefinition> = {}): AgentDefinition => ({
  name: 'fake',
  description: '',
  source: { language: 'javascript', text: '0' },
  files: [],
  executionMode: 'ephemeral',
  securityTier: 'tier0',
  limits: {
    memoryMb: 64,
    cpuCores: 0.1,
    diskIoMbps: 1,
    networkIoMbps: 1,
    executionTimeoutMs: 600_000,
    idleTimeoutMs: 600_000,
  },
  capabilities: [],
  tools: [],
  secrets: [],
  messages: [],
  priority: 'normal',
  concurrency: 1,
  heartbeatIntervalMs: 1_000,
  metadata: {},
  ...change,
})

/** A sandbox of which a test says when it ends, what it uses, and whether it can be reached. */
export interface FakeSandbox extends Sandbox {
  readonly spec: SandboxSpec
  readonly isPaused: () => boolean
  readonly isGone: () => boolean
  /** Does not end when it is asked to, only when its grace is over. */
  stubborn: boolean
  end(exit?: Partial<SandboxExit>): void
  use(sample: Partial<StatsSample>): void
  link(state: 'lost' | 'back', reason: string): void
  say(line: string): void
}

const createFakeSandbox = (
  spec: SandboxSpec,
  after: (delayMs: number, callback: () => void) => () => void,
  onGone: () => void,
): FakeSandbox => {
  let resolveExit: (exit: SandboxExit) => void = () => undefined
  const exit = new Promise<SandboxExit>((resolve) => {
    resolveExit = resolve
  })
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const samplers = new Set<(sample: StatsSample) => void>()
  const linked = new Set<(link: 'lost' | 'back', reason: string) => void>()
  let isPaused = false
  let isGone = false

  const end = (change: Partial<SandboxExit> = {}): void => {
    if (isGone) return
    isGone = true
    streams.stdout.end()
    streams.stderr.end()
    onGone()
    resolveExit({ exitCode: 0, signal: null, outOfMemory: false, ...change })
  }

  const sandbox: FakeSandbox = {
    spec,
    id: `fake-${spec.executionId}`,
    backend: 'fake:local',
    image: null,
    notEnforced: [],
    enforcement: { memory: 'none', cpu: 'none', disk: 'none', network: 'none' },
    stubborn: false,
    isPaused: () => isPaused,
    isGone: () => isGone,
    end,
    use: (sample) => {
      for (const sampler of samplers)
        sampler({
          atMs: 0,
          cpuPercent: 0,
          memoryBytes: 0,
          memoryLimitBytes: null,
          pids: 1,
          diskBytesPerSecond: null,
          networkBytesPerSecond: null,
          source: 'fake',
          ...sample,
        })
    },
    link: (state, reason) => {
      for (const listener of linked) listener(state, reason)
    },
    say: (line) => void streams.stderr.write(`${line}\n`),
    start: async () => streams,
    wait: () => exit,
    stats(onSample) {
      samplers.add(onSample)
      return () => void samplers.delete(onSample)
    },
    async pause() {
      isPaused = true
    },
    async resume() {
      isPaused = false
    },
    throttle: async () => false,
    onLink(listener) {
      linked.add(listener)
      return () => void linked.delete(listener)
    },
    async stop(graceMs) {
      if (sandbox.stubborn) after(graceMs, () => end({ exitCode: null, signal: 'SIGKILL' }))
      else end({ exitCode: 143 })
      await exit
    },
    async destroy() {
      end({ exitCode: null, signal: 'SIGKILL' })
    },
  }
  return sandbox
}

export interface LifecycleOptions {
  readonly dir?: string
  readonly rules?: string
  readonly maxAgents?: number
  /** What recovery decides; nothing, unless told. */
  readonly decide?: (failure: Failure) => Partial<RecoveryDecision>
  readonly limits?: Partial<RunPorts['limits']>
}

/** Agents and their runs over a real store, policy and audit trail, with doubles of what stands beside them. */
export const setUpLifecycle = (options: LifecycleOptions = {}) => {
  const { dir = tempDir() } = options
  const clock = createManualClock()
  const store = openStore({ dir, clock, log: silentLog })
  const events = createEvents((error) => expect.fail(String(error)))
  const redactor = createRedactor('')
  const newId = createIds(clock)
  const policy = createPolicy({
    path: join(dir, 'policy.yaml'),
    defaultText: options.rules ?? 'version: "1.0"\npolicies: []\n',
    clock,
    events,
    log: silentLog,
  })
  const audit = createAudit({ store, clock, events, redactor })
  const { gate, approvals } = openGate({ policy, audit, store, clock, events, redactor, newId, log: silentLog })

  const sandboxes = new Map<ExecutionId, FakeSandbox>()
  const present = new Set<string>()
  const faults = { create: null as Error | null, hangs: false }
  const driver: SandboxDriver = {
    id: 'fake:local' as BackendId,
    title: 'Fake',
    kind: 'process',
    tier: 'tier0',
    probe: async () => ({ tier: 'tier0', status: 'pass', cause: '', fix: '', command: null }),
    prepare: async () => undefined,
    async create(spec) {
      if (faults.hangs) await new Promise<never>(() => undefined)
      if (faults.create !== null) throw faults.create
      const sandbox = createFakeSandbox(
        spec,
        (delayMs, callback) => clock.after(delayMs, callback),
        () => present.delete(spec.executionId),
      )
      sandboxes.set(spec.executionId, sandbox)
      present.add(spec.executionId)
      return sandbox
    },
    found: async () =>
      [...present].map((executionId) => ({ id: executionId, executionId, destroy: async () => undefined })),
  }

  // The scheduler: everything that may start is started, in order, as often as its agent allows.
  const queue = new Map<ExecutionId, QueueEntry>()
  const starting = new Set<ExecutionId>()
  const started = new Map<ExecutionId, StartedRun>()
  const perAgent = (agentId: string): number =>
    [...starting, ...started.keys()].filter((id) => agentOf.get(id) === agentId).length
  const agentOf = new Map<ExecutionId, string>()
  let starter: RunStarter | null = null
  let held = false
  const kick = (): void => {
    setImmediate(() => {
      if (starter === null || held) return
      for (const entry of queue.values()) {
        const { executionId: id } = entry
        if (starting.has(id) || perAgent(entry.agentId) >= entry.concurrency) continue
        if (starter.mayStart(entry) !== null || (entry.notBeforeMs ?? 0) > clock.nowMs()) continue
        starting.add(id)
        starter.begin(entry, { driver }).then(
          (run) => {
            starting.delete(id)
            started.set(id, run)
            void run.done.then(() => {
              started.delete(id)
              kick()
            })
          },
          () => starting.delete(id),
        )
      }
    })
  }
  const scheduler: RunPorts['scheduler'] = {
    add(tx, entry) {
      tx.onCommit(() => {
        queue.set(entry.executionId, entry)
        agentOf.set(entry.executionId, entry.agentId)
        if (entry.notBeforeMs !== null) clock.after(entry.notBeforeMs - clock.nowMs(), kick)
        kick()
      })
    },
    remove(tx, id) {
      tx.onCommit(() => queue.delete(id))
      return queue.has(id)
    },
    poke: kick,
  }

  // Resources: endless, and counted.
  const reserved = new Map<ExecutionId, number>()
  const releases = new Map<ExecutionId, number>()
  const watches = new Map<ExecutionId, (kind: 'memory' | 'cpu') => void>()
  const scarce = { refuse: null as Error | null }
  const resources: RunPorts['resources'] = {
    amountsOf: () => AMOUNTS,
    reserve(_tx, { executionId }: ReserveOrder) {
      if (scarce.refuse !== null) throw scarce.refuse
      reserved.set(executionId, (reserved.get(executionId) ?? 0) + 1)
    },
    release(executionId) {
      releases.set(executionId, (releases.get(executionId) ?? 0) + 1)
    },
    watch({ executionId, onStop }) {
      watches.set(executionId, onStop)
      return { sample: () => undefined, close: () => void watches.delete(executionId) }
    },
  }

  const failures: Failure[] = []
  const told: string[] = []
  const restarting = new Set<string>()
  const recovery: RunPorts['recovery'] = {
    decide(_tx, failure) {
      failures.push(failure)
      return {
        type: 'program',
        step: 'none',
        reason: 'Nothing is done about it.',
        delayMs: null,
        nextAttempt: null,
        avoid: null,
        ...options.decide?.(failure),
      }
    },
    restartQueued(_tx, agentId) {
      told.push('queued')
      restarting.add(agentId)
    },
    restartStarted: () => void told.push('started'),
    restartCalledOff: (_tx, agentId) => void (restarting.delete(agentId) && told.push('called-off')),
    healthy: (_tx, agentId) => void (restarting.delete(agentId) && told.push('healthy')),
    restartState: (agentId) => (restarting.has(agentId) ? { attempts: 1, max: 3, nextAtMs: null } : null),
  }

  const agents = createAgents({
    gate,
    store,
    clock,
    events,
    newId,
    maxAgents: options.maxAgents ?? 10_000,
    restartState: recovery.restartState,
  })
  const logs = createExecutionLogs({ store, clock, redactor })
  const tasks = createTasks({ clock, newId, events })
  const unused = async (): Promise<never> => expect.fail('nothing asks for this')
  const runs = createRuns({
    gate,
    store,
    agents,
    sandboxes: { driver: () => driver, statuses: async () => [] },
    drivers: () => [driver],
    scheduler,
    resources,
    recovery,
    tasks,
    logs,
    stats: createExecutionStats({ store, onError: (error) => expect.fail(String(error)) }),
    memory: createAgentMemory(clock),
    tools: { approvedFor: () => [], call: unused },
    secrets: { readForAgent: unused },
    bus: { toolsFor: () => [], release: () => undefined },
    redactor,
    clock,
    events,
    newId,
    log: silentLog,
    limits: {
      initializationTimeoutMs: 60_000,
      terminationTimeoutMs: 2_000,
      stateCheckIntervalMs: 5_000,
      restartResetMs: 300_000,
      ...options.limits,
    },
  })
  const heartbeats = createHeartbeats({ gate, store, agents, clock, events, newId, log: silentLog })
  const begin = (): void => {
    starter = runs.starter
    kick()
  }
  begin()

  const close = async (): Promise<void> => {
    heartbeats.close()
    await runs.close()
    policy.close()
    await approvals.close()
    await store.close()
  }
  onTestFinished(close)

  const asking = () => ({ caller: operator, correlationId: newId<CorrelationId>() })
  /** Poll, letting the store commit in between. */
  const until = (what: () => unknown) => expect.poll(what, { interval: 1, timeout: 5_000 })

  return {
    dir,
    clock,
    store,
    audit,
    events,
    agents,
    runs,
    logs,
    tasks,
    heartbeats,
    bulk: createBulk({ agents, runs, tasks, newId }),
    driver,
    faults,
    present,
    queue,
    reserved,
    releases,
    scarce,
    watches,
    failures,
    told,
    asking,
    until,
    close,
    /** Hold the queue, or let it go. */
    hold(isHeld: boolean) {
      held = isHeld
      kick()
    },
    started: (id: ExecutionId) => started.get(id),
    sandbox: (id: ExecutionId): FakeSandbox => {
      const found = sandboxes.get(id)
      if (found === undefined) throw new Error('this run has no sandbox yet')
      return found
    },
    create: (change: Partial<AgentDefinition> = {}) => agents.create(asking(), definition(change)),
    /** Ask for a run, and wait until its program runs. */
    async begin(id: Parameters<typeof runs.start>[1]['id']) {
      const run = await runs.start(asking(), { id, input: null })
      await until(() => runs.get(run.id).state).toBe('running')
      return run
    },
    steps: (id: Parameters<typeof agents.timeline>[0]) => agents.timeline(id).map(({ to }) => to),
  }
}

export type Lifecycle = ReturnType<typeof setUpLifecycle>
