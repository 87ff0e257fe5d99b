import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import type { AgentTemplate, Overview } from '@contract'
import {
  type Agents,
  type Bulk,
  createAgentMemory,
  createAgents,
  createBulk,
  createExecutionLogs,
  createExecutionStats,
  createHeartbeats,
  createRetention,
  createRuns,
  type ExecutionLogs,
  type ExecutionStats,
  type Heartbeats,
  loadTemplates,
  type Runs,
} from './agents'
import { type ApprovalDesk, createApprovalDesk } from './approval-desk'
import {
  type AuditTrail,
  auditFolders,
  createFileAnchor,
  createKeyringAnchor,
  createKeyVault,
  createWebhookAnchor,
  openAuditTrail,
  postCheckpoint,
} from './audit'
import { type AuditActs, createAuditActs } from './audit-acts'
import { type Bus, openBus } from './bus'
import type { Config } from './config'
import { type Clock, createIds, type Events, type Log, type Redactor, randomId, randomPool } from './core'
import { openGate } from './gate'
import { lifecycleHealth, recoveryHealth, resourcesHealth, schedulerHealth, TOLD_MS } from './health'
import { createHostActs, type HostActs } from './host-acts'
import { createOverview } from './overview'
import { createPolicy, createPolicyHistory, type PolicyChange } from './policy'
import { createPolicyEditor, type PolicyEditor } from './policy-editor'
import { recordPolicyChange } from './policy-record'
import { type Breakers, createBreakers, createRecovery, guardBackend, type Recovery } from './recovery'
import { createMachine, createResources, type Resources } from './resources'
import { createReview, type Review } from './review'
import {
  createDockerDriver,
  createProcessDriver,
  createRemoteTarget,
  createSandboxes,
  type SandboxDriver,
  type Sandboxes,
} from './sandbox'
import {
  type Backends,
  createBackendKeys,
  createBackends,
  createQueueTable,
  createScheduler,
  type Scheduler,
} from './scheduler'
import { createSchedules, type Schedules } from './schedules'
import { createKeyStore, createSecrets, type Keyring, type Secrets } from './secrets'
import { openStore, type Store } from './store'
import { createTasks, type Tasks } from './tasks'
import { createTools, findHiddenCharacters, type Tools } from './tools'

/** What the engine takes from the world around it. */
export interface EnginePorts {
  readonly dataDir: string
  /** Where the shipped templates, policies and the agent's client library lie. */
  readonly resourcesDir: string
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  readonly redactor: Redactor
  readonly keyring: Keyring
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where tool servers are started. */
  readonly workingDir: string
  readonly productVersion: string
}

/** The runtime: everything that a transport can reach. */
export interface Engine {
  readonly agents: Agents
  readonly runs: Runs
  readonly bulk: Bulk
  readonly heartbeats: Heartbeats
  readonly scheduler: Scheduler
  readonly backends: Backends
  readonly schedules: Schedules
  readonly logs: ExecutionLogs
  readonly stats: ExecutionStats
  readonly templates: readonly AgentTemplate[]
  readonly tools: Tools
  readonly review: Review
  readonly policy: PolicyEditor
  readonly approvals: ApprovalDesk
  readonly hostActs: HostActs
  readonly secrets: Secrets
  readonly audit: AuditTrail
  readonly auditActs: AuditActs
  readonly tasks: Tasks
  readonly sandboxes: Sandboxes
  readonly bus: Bus
  readonly breakers: Breakers
  readonly recovery: Recovery
  readonly resources: Resources
  readonly store: Store
  overview(): Promise<Overview>
  /** End every run, close every connection, write what is left. Safe to call twice. */
  close(): Promise<void>
}

/** After the start: leftovers of a killed engine are removed, and the tiers looked at. */
const FIRST_LOOK_MS = 1500

/** The id of this installation: made once, kept in the database, so that we recognise our own sandboxes. */
const installationIdOf = async (store: Store): Promise<string> => {
  const read = () => store.get<{ value: string }>(`SELECT value FROM meta WHERE key = 'installation'`)?.value
  const known = read()
  if (known !== undefined) return known
  return store.write((tx) => {
    const id = randomId()
    tx.run(`INSERT INTO meta (key, value) VALUES ('installation', :id)`, { id })
    return id
  })
}

/**
 * Build the engine: open the store, put the policy in force, account for what an earlier start left behind.
 * Runs under plain Node and inside Electron alike.
 *
 * @throws CONFIG_002, STORE_001, STORE_002 and whatever makes a start impossible; then nothing stays open
 */
export const createEngine = async (config: Config, ports: EnginePorts): Promise<Engine> => {
  const { dataDir, resourcesDir, clock, events, log, redactor, env } = ports
  const newId = createIds(clock)
  const closers: (() => Promise<void> | void)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }

  try {
    const store = openStore({
      dir: dataDir,
      clock,
      log: log.child('store'),
      nativeBinding: env['SYMBI_SQLITE_BINDING'],
      inBackground: true,
    })
    closers.push(() => store.close())
    const installationId = await installationIdOf(store)

    const auditDirs = auditFolders(dataDir)
    const { anchorDir } = config.audit
    const audit = openAuditTrail({
      store,
      clock,
      events,
      redactor,
      log: log.child('audit'),
      newId,
      vault: createKeyVault({
        keyring: ports.keyring,
        dir: auditDirs.keys,
        installationId,
        fileFallbackAllowed: config.secrets.allowFileKey,
      }),
      anchors: [
        createFileAnchor(anchorDir === null ? auditDirs.anchors : resolve(dataDir, anchorDir)),
        createKeyringAnchor(ports.keyring, installationId),
        ...(config.audit.webhookUrl === null ? [] : [createWebhookAnchor(postCheckpoint(config.audit.webhookUrl))]),
      ],
      archiveDir: auditDirs.archives,
      verifier: join(resourcesDir, 'verifier', 'verify-audit.mjs'),
      everyRows: config.audit.checkpointRows,
      everyMs: config.audit.checkpointIntervalMs,
    })
    closers.push(() => audit.close())
    const policyFile = config.policy.policyFile
    // The gate stands on the policy, and what the policy tells of itself goes through the gate.
    const early: PolicyChange[] = []
    let reportPolicy = (change: PolicyChange): void => void early.push(change)
    const policy = createPolicy({
      path: isAbsolute(policyFile) ? policyFile : join(dataDir, policyFile),
      defaultText: await readFile(join(resourcesDir, 'policies', 'default.yaml'), 'utf8'),
      clock,
      events,
      log: log.child('policy'),
      history: createPolicyHistory({ store, clock }),
      onChange: (change) => reportPolicy(change),
    })
    closers.push(() => policy.close())
    const { gate, approvals, grants } = openGate({
      policy,
      audit,
      store,
      clock,
      events,
      redactor,
      newId,
      log: log.child('gate'),
      approvalTimeoutMs: config.approvals.timeoutMs,
    })
    reportPolicy = (change) => recordPolicyChange({ gate, newId, log }, change)
    for (const change of early) reportPolicy(change)
    closers.push(() => approvals.close())
    const tasks = createTasks({ clock, newId, events })
    const breakers = createBreakers({
      gate,
      clock,
      events,
      redactor,
      newId,
      log: log.child('recovery'),
      rules: {
        threshold: config.errorHandler.breakerThreshold,
        windowMs: config.errorHandler.breakerWindowMs,
        restMs: config.errorHandler.breakerRestMs,
      },
    })
    closers.push(() => breakers.close())
    const recovery = createRecovery({
      gate,
      store,
      clock,
      events,
      redactor,
      log: log.child('recovery'),
      random: Math.random,
      rules: {
        restartsAgents: config.lifecycle.enableAutoRecovery,
        recovers: config.errorHandler.enableAutoRecovery,
        maxRestartAttempts: config.lifecycle.maxRestartAttempts,
        maxRecoveryAttempts: config.errorHandler.maxRecoveryAttempts,
        backoffMs: config.lifecycle.restartBackoffMs,
        backoffMaxMs: config.lifecycle.restartBackoffMaxMs,
        resetMs: config.lifecycle.restartResetMs,
        historyLimit: config.errorHandler.historyLimit,
        windowMs: config.errorHandler.aggregationWindowMs,
        escalationThreshold: config.errorHandler.escalationThreshold,
      },
    })
    closers.push(() => recovery.close())

    const keyStore = createKeyStore({
      keyring: ports.keyring,
      dir: dataDir,
      installationId,
      fileFallbackAllowed: config.secrets.allowFileKey,
      clock,
      log: log.child('secrets'),
    })
    const secrets = createSecrets({
      gate,
      store,
      keyStore,
      dir: join(dataDir, 'secrets'),
      clock,
      events,
      redactor,
      log: log.child('secrets'),
      newId,
    })
    closers.push(() => secrets.close())
    await secrets.reconcile()

    const bus = openBus(config.communication, {
      gate,
      store,
      keyStore,
      clock,
      events,
      newId,
      random: randomPool(),
      log: log.child('bus'),
    })
    closers.push(() => bus.close())

    const tools = createTools({
      breakers,
      noteFault: recovery.note,
      gate,
      store,
      clock,
      events,
      redactor,
      log: log.child('tools'),
      newId,
      config: { connectTimeoutMs: config.mcp.connectionTimeoutMs, callTimeoutMs: config.mcp.callTimeoutMs },
      env,
      cwd: ports.workingDir,
      productVersion: ports.productVersion,
    })
    closers.push(() => tools.close())
    const review = createReview({ gate, tools })

    const shared = { dataDir, resourcesDir, clock, log }
    const docker = {
      ...shared,
      installationId,
      engineId: randomId(),
      image: { reference: config.sandbox.image, pull: config.sandbox.pullImages },
    }
    const drivers: readonly SandboxDriver[] = [
      createProcessDriver({ ...shared, allowed: config.sandbox.allowTier0 }),
      guardBackend(breakers, (onSeen) => createDockerDriver({ ...docker, onSeen })),
    ]
    const sandboxes = createSandboxes({
      drivers,
      clock,
      onLook: () => events.publish('engine.changed', {}),
    })
    closers.push(() => sandboxes.close())

    const resources = createResources({
      gate,
      store,
      clock,
      events,
      log: log.child('resources'),
      config: config.resource,
      machine: createMachine(),
    })
    closers.push(() => resources.close())

    const backends = createBackends({
      gate,
      store,
      clock,
      events,
      log: log.child('scheduler'),
      sandboxes,
      resources,
      breakers,
      open: ({ name, remote }) => {
        const target = createRemoteTarget({ name, remote, keys: createBackendKeys({ secrets, newId }, name), clock })
        const driver = guardBackend(breakers, (onSeen) => createDockerDriver({ ...docker, target, onSeen }))
        return { target, driver }
      },
      hasSecret: (name) => secrets.list().some((secret) => secret.name === name),
      runningOn: (id) => scheduler.runningOn(id),
      localMax: config.scheduler.maxConcurrentTasks,
    })
    closers.push(() => backends.close())
    const scheduler = createScheduler({
      table: createQueueTable(store),
      gate,
      clock,
      events,
      log: log.child('scheduler'),
      newId,
      backends,
      resources,
      breakers,
      limits: {
        maxConcurrent: config.scheduler.maxConcurrentTasks,
        ageingIntervalMs: config.scheduler.ageingIntervalMs,
        queueLimit: config.scheduler.queueLimit,
        strategy: config.scheduler.loadBalancingStrategy,
      },
    })
    closers.push(() => scheduler.close())
    const agents = createAgents({
      gate,
      store,
      clock,
      events,
      newId,
      maxAgents: config.lifecycle.maxAgents,
      restartState: (id) => recovery.restartState(id),
    })
    const logs = createExecutionLogs({ store, clock, redactor })
    const stats = createExecutionStats({
      store,
      onError: (error) => log.warn({ error }, 'a usage sample could not be kept'),
    })
    const runs = createRuns({
      gate,
      store,
      agents,
      sandboxes,
      drivers: () => sandboxes.drivers(),
      scheduler,
      resources,
      recovery,
      tasks,
      logs,
      stats,
      memory: createAgentMemory(clock),
      tools,
      secrets,
      bus,
      redactor,
      clock,
      events,
      newId,
      log: log.child('runs'),
      limits: {
        initializationTimeoutMs: config.lifecycle.initializationTimeoutMs,
        terminationTimeoutMs: config.lifecycle.terminationTimeoutMs,
        stateCheckIntervalMs: config.lifecycle.stateCheckIntervalMs,
        restartResetMs: config.lifecycle.restartResetMs,
      },
    })
    await approvals.reconcile()
    await runs.reconcile()
    await resources.reconcile()
    scheduler.start(runs.starter)
    closers.push(() => runs.close())
    // What could not be removed while a back-end was away.
    closers.push(
      breakers.onChange(({ kind, state }) => {
        if (kind === 'backend' && state === 'closed') void runs.sweep()
      }),
    )
    const schedules = createSchedules({
      gate,
      store,
      runs,
      agents,
      clock,
      random: Math.random,
      events,
      newId,
      log: log.child('schedules'),
    })
    schedules.start()
    closers.push(() => schedules.close())
    const heartbeats = createHeartbeats({ gate, store, agents, clock, events, newId, log: log.child('heartbeats') })
    heartbeats.start()
    closers.push(() => heartbeats.close())
    const retention = createRetention({
      store,
      clock,
      log: log.child('retention'),
      keepMs: config.lifecycle.runRetentionMs,
    })
    closers.push(() => retention.close())
    const desk = createApprovalDesk({
      gate,
      queue: approvals,
      grants,
      policy,
      store,
      clock,
      events,
      hiddenCharacters: findHiddenCharacters,
    })
    const overview = createOverview({
      agents,
      runs,
      tools,
      audit,
      approvals: desk,
      sandboxes,
      clock,
      health: {
        lifecycle: lifecycleHealth({ agents, maxAgents: config.lifecycle.maxAgents }),
        scheduler: schedulerHealth(() => scheduler.status()),
        schedules: () => schedules.health(),
        resources: resourcesHealth(() => ({ alerts: resources.alerts() })),
        recovery: recoveryHealth({
          breakers: () => breakers.list(),
          told: () => recovery.told(clock.nowMs() - TOLD_MS),
        }),
      },
      openBreakers: () => breakers.list().filter(({ state }) => state !== 'closed').length,
      deadLetters: () => bus.stats().deadLetters,
    })
    closers.push(() => overview.close())
    const templates = await loadTemplates(join(resourcesDir, 'templates'))

    tools.start()
    // What loads the library of the container back-end waits until whoever started has been shown something.
    closers.push(
      clock.after(FIRST_LOOK_MS, () => {
        backends.start()
        runs
          .sweep()
          .then(() => sandboxes.statuses())
          .catch((error: unknown) => log.warn({ error }, 'the sandboxes could not be looked at'))
      }),
    )

    return {
      agents,
      runs,
      bulk: createBulk({ agents, runs, tasks, newId }),
      heartbeats,
      scheduler,
      backends,
      schedules,
      logs,
      stats,
      templates,
      tools,
      review,
      policy: createPolicyEditor({ gate, policy, audit }),
      approvals: desk,
      hostActs: createHostActs({ gate, tasks }),
      secrets,
      audit,
      auditActs: createAuditActs({ gate, audit, clock, exportsDir: auditDirs.exports }),
      tasks,
      sandboxes,
      bus,
      breakers,
      recovery,
      resources,
      store,
      overview: () => overview.read(),
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
