import {
  AgentDefinition,
  type AgentDetail,
  type Bridge,
  type CallInput,
  type CallOutput,
  type Channel,
  type Execution,
  type Json,
  type Overview,
  type StreamMessage,
  type Theme,
  type Topic,
  type TopicEvent,
  type TopicPayload,
  type WireError,
} from '@contract'
import { actionsOf, makeAgents, makeExecutions, templates, timelineOf } from './fake-agents'
import { createFakeApprovals } from './fake-approval-calls'
import { createFakeAudit, openFakeTail, openFakeVerification } from './fake-audit'
import { createFakeFleet, makeFleet } from './fake-fleet'
import { fakeId, NOW, wire } from './fake-ids'
import { createFakeMessages, openFakeFollow } from './fake-messages'
import { createFakePolicies } from './fake-policies'
import { AUDIT_TOTAL, auditRecord, doctorReport, makeSecrets, makeTasks } from './fake-records'
import { createFakeResources } from './fake-resources'
import { createFakeScheduler } from './fake-scheduler'
import { createFakeSchedules } from './fake-schedules'
import { fakeLog, openFakeStream } from './fake-stream'
import { makeServers, makeTools } from './fake-tools'

class Refusal extends Error {
  readonly wire: WireError
  constructor(error: WireError) {
    super(error.message)
    this.wire = error
  }
}

const refuse = (error: WireError): never => {
  throw new Refusal(error)
}

type Handlers = { [C in Channel]: (input: CallInput<C>) => CallOutput<C> }

/** An engine in memory with plausible data. Scenarios: busy, fleet, empty, failed, starting, broken. */
export const createFakeBridge = (scenario: string): Bridge => {
  const empty = scenario === 'empty'
  const executions = empty ? [] : makeExecutions()
  const agents = empty ? [] : makeAgents(executions)
  if (scenario === 'fleet' && agents[0] !== undefined) agents.push(...makeFleet(agents[0], 5000))
  const servers = empty ? [] : makeServers()
  const tools = empty ? [] : makeTools()
  const secrets = empty ? [] : makeSecrets()
  let theme: Theme = (new URLSearchParams(location.search).get('theme') as Theme | null) ?? 'system'
  let nextId = 1000
  let seq = 0
  const listeners = new Set<(events: readonly TopicEvent[]) => void>()

  const publish = <T extends Topic>(topic: T, payload: TopicPayload<T>) => {
    seq += 1
    const event = { seq, topic, payload } as TopicEvent
    setTimeout(() => {
      for (const listener of listeners) listener([event])
    }, 30)
  }

  const approvals = createFakeApprovals({
    count: empty ? 0 : scenario === 'crowd' ? 1000 : 12,
    refuse,
    changed: (pending) => publish('approvals.changed', { pending }),
  })

  const agentOf = (id: string): AgentDetail =>
    agents.find((agent) => agent.id === id) ??
    refuse(wire('AGENT_001', 'The agent was not found.', 'Refresh the agent list; the agent may have been removed.'))

  const replace = (agent: AgentDetail, change: Partial<AgentDetail>): AgentDetail => {
    const state = change.state ?? agent.state
    const next = { ...agent, ...change, actions: actionsOf(state), stateChangedAtMs: Date.now() }
    agents.splice(agents.indexOf(agent), 1, next)
    publish('agents.changed', { id: agent.id })
    return next
  }

  const overview = (): Overview => ({
    agentsByState: agents.reduce<Record<string, number>>((counts, agent) => {
      counts[agent.state] = (counts[agent.state] ?? 0) + 1
      return counts
    }, {}) as Overview['agentsByState'],
    pendingReviews: tools.filter((tool) => tool.status === 'pending').length,
    pendingApprovals: approvals.pendingCount(),
    changedTools: tools.filter((tool) => tool.status === 'changed').length,
    serversFailed: servers.filter((server) => server.state === 'failed').length,
    recentExecutions: executions.map((run) => ({
      id: run.id,
      agentId: run.agentId,
      state: run.state,
      startedAtMs: run.startedAtMs,
      endedAtMs: run.endedAtMs,
      endCause: run.endCause,
      agentName: agentOf(run.agentId).name,
    })),
    health: [
      { part: 'scheduler', status: 'healthy', causes: [] },
      { part: 'resources', status: 'healthy', causes: [] },
      {
        part: 'recovery',
        status: empty ? 'healthy' : 'degraded',
        causes: empty
          ? []
          : [{ code: 'RECOVERY_001', text: 'docker:rack-2 is not tried for now.', sinceMs: Date.now() - 130_000 }],
      },
      { part: 'bus', status: 'healthy', causes: [] },
    ],
    queuedRuns: empty ? 0 : 24,
    liveRuns: empty ? 0 : 8,
    openBreakers: empty ? 0 : 1,
    deadLetters: empty ? 0 : 3,
    deniedLastHour: empty ? 0 : 3,
    auditHead: empty ? 0 : AUDIT_TOTAL,
    eventLoopDelayMs: { p50: 0.4, p99: 3.2 + Math.random() },
    rssBytes: 121_634_816 + Math.floor(Math.random() * 900_000),
    uptimeMs: Date.now() - NOW + 8_040_000,
    tiers: [
      { tier: 'tier1', status: 'pass', cause: 'Docker 28.1 answers; the image is present.' },
      { tier: 'tier2', status: 'fail', cause: 'Docker knows no runtime named runsc.' },
      { tier: 'tier3', status: 'fail', cause: '/dev/kvm cannot be opened: permission denied.' },
      { tier: 'tier0', status: 'warn', cause: 'Allowed in the configuration. No isolation at all.' },
    ],
    sampledAtMs: Date.now(),
  })

  const endRun = (agentId: string) => {
    const index = executions.findIndex((run) => run.agentId === agentId && run.endedAtMs === null)
    const run = executions[index]
    if (run === undefined) return
    executions[index] = {
      ...run,
      state: 'stopped',
      endedAtMs: Date.now(),
      endCause: 'stopped-by-operator',
      exitCode: 143,
      errorCode: 'RUN_003',
      errorMessage: 'Stopped by the operator.',
      errorNextStep: 'Run it again when you want it to finish.',
    }
    publish('executions.changed', { id: run.id, agentId: run.agentId })
  }

  const scheduler = createFakeScheduler({
    agents,
    count: scenario === 'fleet' ? 1200 : 24,
    changed: () => publish('scheduler.changed', {}),
  })
  const fleet = createFakeFleet({
    agents,
    refuse,
    dropQueued: scheduler.drop,
    act: (id, act) => {
      const state = ({ run: 'Running', suspend: 'Suspended', resume: 'Ready', stop: 'Terminated' } as const)[act]
      replace(agentOf(id), { state, stateReason: null })
    },
    endRun: (id) => {
      const run = executions.find((candidate) => candidate.id === id) ?? executions[0]
      if (run === undefined) return refuse(wire('AGENT_006', 'The execution was not found.', 'Refresh the list.'))
      endRun(run.agentId)
      return run
    },
  })

  const handlers: Handlers = {
    'system.info': () => ({
      version: '0.1.0',
      electron: '45.4.1',
      chrome: '146.0.7680.31',
      node: '24.21.0',
      platform: 'linux x64',
      dataDir: '/home/ada/.config/symbi-console',
      engine:
        scenario === 'failed'
          ? {
              state: 'failed',
              error: {
                ...wire(
                  'CONFIG_001',
                  'The configuration is not valid: sandbox.default_tier must be one of tier1, tier2, tier3.',
                  'Correct the key and line that are named, then start again.',
                ),
                details: { file: 'runtime_config.toml', key: 'sandbox.default_tier', line: 14 },
              },
            }
          : { state: scenario === 'starting' ? 'starting' : 'ready' },
    }),
    'system.overview': overview,
    'doctor.run': doctorReport,
    'tasks.list': () => (empty ? [] : makeTasks()),
    'tasks.cancel': () => refuse(wire('TASK_001', 'The task was not found or has ended.', 'Refresh the task list.')),
    'settings.get': () => ({ theme }),
    'settings.set': (input) => {
      theme = input.theme
      publish('settings.changed', {})
      return { theme }
    },
    'agents.templates': () => [...templates],
    'agents.list': () => agents,
    'agents.get': ({ id }) => agentOf(id),
    'agents.create': ({ definition: given }) => {
      const definition = AgentDefinition.parse(given)
      if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(definition.name)) {
        refuse({
          ...wire(
            'IPC_001',
            'The input of the request is not valid.',
            'Correct the field that is named, then try again.',
          ),
          details: {
            issues: [
              { path: 'definition.name', message: 'Use letters, digits, spaces, dots, dashes and underscores.' },
            ],
          },
        })
      }
      nextId += 1
      const agent: AgentDetail = {
        id: fakeId(1, nextId),
        name: definition.name,
        description: definition.description,
        state: 'Created',
        stateReason: null,
        mode: definition.executionMode,
        tier: definition.securityTier,
        priority: definition.priority,
        queuedRuns: 0,
        liveRuns: 0,
        restarts: null,
        lastHeartbeatAtMs: null,
        health: { status: 'unknown', causes: [] },
        version: 1,
        createdAtMs: Date.now(),
        stateChangedAtMs: Date.now(),
        lastExecution: null,
        actions: actionsOf('Created'),
        definition,
        versions: [{ version: 1, createdAtMs: Date.now(), note: 'Created.' }],
      }
      agents.unshift(agent)
      publish('agents.changed', { id: agent.id })
      return agent
    },
    'agents.edit': ({ id, definition: given, note, baseVersion }) => {
      const definition = AgentDefinition.parse(given)
      const agent = agentOf(id)
      if (baseVersion !== agent.version)
        refuse(
          wire(
            'AGENT_003',
            'The agent was changed by someone else meanwhile.',
            'Reload the agent and make the change again on its newest version.',
          ),
        )
      return replace(agent, {
        definition,
        version: agent.version + 1,
        versions: [...agent.versions, { version: agent.version + 1, createdAtMs: Date.now(), note }],
      })
    },
    'agents.run': ({ id, input }) => {
      const agent = agentOf(id)
      nextId += 1
      const run: Execution = {
        id: fakeId(2, nextId),
        agentId: agent.id,
        agentVersion: agent.version,
        correlationId: fakeId(3, nextId),
        state: 'running',
        tier: agent.tier,
        input: (input ?? null) as Json,
        output: null,
        exitCode: null,
        endCause: null,
        errorCode: null,
        errorMessage: null,
        errorNextStep: null,
        origin: 'operator',
        scheduleId: null,
        attempt: 1,
        priority: agent.priority,
        backend: 'docker:local' as Execution['backend'],
        queuedAtMs: Date.now(),
        startedAtMs: Date.now(),
        endedAtMs: null,
        peakMemoryBytes: null,
        cpuTimeMs: null,
        sandbox: { backend: 'docker', id: 'symbi-1', image: 'symbi/agent-node:24', notEnforced: [] },
      }
      executions.unshift(run)
      replace(agent, {
        state: 'Running',
        lastExecution: { id: run.id, state: 'running', startedAtMs: run.startedAtMs, endedAtMs: null, endCause: null },
      })
      publish('executions.changed', { id: run.id, agentId: agent.id })
      return run
    },
    'agents.suspend': ({ id }) =>
      replace(agentOf(id), { state: 'Suspended', stateReason: 'Suspended by the operator.' }),
    'agents.resume': ({ id }) => replace(agentOf(id), { state: 'Running', stateReason: null }),
    'agents.stop': ({ id }) => {
      endRun(id)
      return replace(agentOf(id), { state: 'Terminated', stateReason: 'Stopped by the operator.' })
    },
    'agents.timeline': ({ id }) => timelineOf(agentOf(id)),
    'executions.list': ({ agentId, limit }) =>
      executions.filter((run) => agentId === undefined || run.agentId === agentId).slice(0, limit),
    'executions.get': ({ id }) =>
      executions.find((run) => run.id === id) ??
      refuse(wire('AGENT_006', 'The execution was not found.', 'Refresh the list of executions.')),
    'executions.log': ({ id, beforeSeq, limit }) => {
      const run = executions.find((candidate) => candidate.id === id)
      if (run === undefined) return []
      return fakeLog(run)
        .filter((line) => beforeSeq === undefined || line.seq < beforeSeq)
        .slice(-limit)
    },
    'servers.list': () => servers,
    'servers.add': ({ name, command, args }) => {
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
        refuse({
          ...wire(
            'IPC_001',
            'The input of the request is not valid.',
            'Correct the field that is named, then try again.',
          ),
          details: {
            issues: [{ path: 'name', message: 'Use lower-case letters, digits and dashes, starting with a letter.' }],
          },
        })
      }
      nextId += 1
      const server = {
        ...(makeServers()[0] ?? refuse(wire('INTERNAL_001', '', ''))),
        id: fakeId<never>(4, nextId),
        name,
        command,
        args,
      }
      servers.push(server)
      if (tools.length === 0) tools.push(...makeTools())
      publish('servers.changed', { id: server.id })
      return server
    },
    'servers.reconnect': ({ id }) =>
      servers.find((server) => server.id === id) ??
      refuse(wire('MCP_003', 'The tool server is not known.', 'Choose a server from the list.')),
    'servers.remove': ({ id }) => {
      servers.splice(
        servers.findIndex((server) => server.id === id),
        1,
      )
      publish('servers.changed', { id: id as never })
      return {}
    },
    'servers.log': () => [
      'starting',
      'listening on stdio',
      'Error: ENOENT: no such file or directory, stat /srv/shared',
    ],
    'tools.list': () => tools,
    'tools.get': ({ id }) =>
      tools.find((tool) => tool.id === id) ??
      refuse(wire('REVIEW_002', 'The tool or its review was not found.', 'Refresh the review queue.')),
    'reviews.decide': ({ toolId, digest, decision, reason }) => {
      const index = tools.findIndex((tool) => tool.id === toolId)
      const tool =
        tools[index] ?? refuse(wire('REVIEW_002', 'The tool or its review was not found.', 'Refresh the review queue.'))
      if (tool.digest !== digest)
        refuse(
          wire(
            'REVIEW_003',
            'What you decided on is no longer what is offered.',
            'Read the new definition, then decide again.',
          ),
        )
      const next = {
        ...tool,
        status: decision === 'approve' ? ('approved' as const) : ('rejected' as const),
        decidedAtMs: Date.now(),
        decidedReason: reason,
        decidedDefinition: null,
      }
      tools[index] = next
      publish('tools.changed', { id: tool.id })
      return next
    },
    ...fleet,
    ...scheduler.calls,
    ...createFakeResources(empty),
    'recovery.events': () => [],
    'recovery.groups': () => [],
    ...createFakePolicies({ empty, changed: () => publish('policies.changed', {}) }),
    ...approvals.calls,
    'secrets.list': () => secrets,
    'secrets.keyStore': () =>
      scenario === 'broken'
        ? {
            backend: 'file',
            protectedBySystem: false,
            note: 'Anyone who can read the data folder can read the secrets. Unlock or install a keyring to move the key.',
          }
        : {
            backend: 'keyring',
            protectedBySystem: true,
            note: 'It is unlocked with your session and never written to the data folder.',
          },
    'secrets.create': ({ name, value, description }) => {
      if (scenario === 'broken') {
        refuse(
          wire(
            'SECRET_004',
            'The key store cannot be reached, so secrets stay closed.',
            'Unlock the system keyring, then try again.',
            true,
          ),
        )
      }
      if (secrets.some((secret) => secret.name === name))
        refuse(
          wire(
            'SECRET_003',
            'A secret with this name exists already.',
            'Choose another name, or delete the present one first.',
          ),
        )
      const secret = { name, description, createdAtMs: Date.now(), sizeBytes: value.length }
      secrets.push(secret)
      publish('secrets.changed', {})
      return secret
    },
    'secrets.reveal': ({ name }) => ({ value: `sk-demo-${name}-3f9a` }),
    'secrets.delete': ({ name }) => {
      secrets.splice(
        secrets.findIndex((secret) => secret.name === name),
        1,
      )
      publish('secrets.changed', {})
      return {}
    },
    'audit.list': ({ filter, beforeSeq, limit }) => {
      const from = Math.min(beforeSeq ?? AUDIT_TOTAL + 1, AUDIT_TOTAL + 1) - 1
      const records = []
      let at = empty ? 0 : from
      for (; at > 0 && records.length < limit; at -= 1) {
        const record = auditRecord(at)
        if (filter.outcome !== undefined && record.outcome !== filter.outcome) continue
        if (filter.severities !== undefined && !filter.severities.includes(record.severity)) continue
        if (filter.actorKind !== undefined && record.actor.kind !== filter.actorKind) continue
        if (filter.action !== undefined && !record.action.startsWith(filter.action)) continue
        if (filter.fromMs !== undefined && record.atMs < filter.fromMs) break
        if (filter.correlationId !== undefined && record.correlationId !== filter.correlationId) continue
        if (filter.text !== undefined && !JSON.stringify(record).toLowerCase().includes(filter.text.toLowerCase()))
          continue
        records.push(record)
      }
      return { records, nextBeforeSeq: at > 0 ? at + 1 : null, total: empty ? 0 : AUDIT_TOTAL }
    },
    ...createFakeAudit({ broken: scenario === 'broken', refuse }),
    ...createFakeMessages({ empty, refuse, changed: (topic) => publish(topic, {}) }),
    ...createFakeSchedules({ empty, agents, refuse, changed: (id) => publish('schedules.changed', { id }) }),
  }

  return {
    invoke: async (channel, input) => {
      await new Promise((resolve) => setTimeout(resolve, channel.endsWith('verify') ? 500 : 25))
      const early = ['system.info', 'settings.get', 'doctor.run']
      if ((scenario === 'starting' || scenario === 'failed') && !early.includes(channel)) {
        return scenario === 'starting'
          ? {
              ok: false,
              error: wire('IPC_003', 'The engine is still starting.', 'Wait a moment; the page loads by itself.', true),
            }
          : {
              ok: false,
              error: wire(
                'IPC_004',
                'The engine could not start.',
                'Read the cause that is shown; Doctor says what is missing.',
              ),
            }
      }
      try {
        return { ok: true, value: structuredClone((handlers[channel] as (given: unknown) => never)(input)) }
      } catch (thrown) {
        return {
          ok: false,
          error: thrown instanceof Refusal ? thrown.wire : wire('INTERNAL_001', String(thrown), 'Try again.', true),
        }
      }
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    openStream: (name, input, onMessage) => {
      const send = onMessage as (message: StreamMessage<unknown>, acknowledge: () => void) => void
      if (name === 'audit.tail') return openFakeTail(send)
      if (name === 'messages.follow') return openFakeFollow('filter' in input ? (input.filter as never) : {}, send)
      if (name === 'audit.verification') return openFakeVerification(scenario === 'broken', send)
      return openFakeStream({
        isLog: name === 'executions.tail',
        run: executions.find((candidate) => 'id' in input && candidate.id === input.id),
        afterSeq: ('afterSeq' in input ? input.afterSeq : undefined) ?? -1,
        send,
      })
    },
  }
}
