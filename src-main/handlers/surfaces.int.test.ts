import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type AgentDefinition,
  type AgentId,
  type ApprovalId,
  BackendId,
  type CallInput,
  type CallOutput,
  type Channel,
  calls,
  type ExecutionId,
  type GrantId,
  type MessageId,
  POLICY_RESOURCE_TYPES,
  type Scope,
  type TaskId,
  type ToolId,
} from '@contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runAgent } from '../cli/run-agent'
import { type Caller, createIds, silentLog, systemClock } from '../engine/core'
import { scheduleOf } from '../engine/schedules/fixtures/schedule-of'
import { asking, testEngine } from '../engine/testing/test-engine'
import { createDispatcher } from './dispatch'
import { createHandlers, createStreamHandlers, type Host } from './index'

/**
 * Every way in reaches the gate: with rules that deny everything, each of them leaves the record of a refusal.
 * Whoever adds a command, a built-in of the gateway, a command of the CLI or another way in meets this file.
 */
type Command = { [C in Channel]: (typeof calls)[C]['kind'] extends 'command' ? C : never }[Channel]

/** A command by its cost, not by what it does: it walks the whole trail and changes nothing. */
const ONLY_READS = ['audit.verify'] as const satisfies readonly Command[]
type Acting = Exclude<Command, (typeof ONLY_READS)[number]>

const ID = '00000000-0000-7000-8000-00000000ffff'
const HASH = '0'.repeat(64)
const everyScope = new Set<Scope>(Object.values(calls).map(({ scope }) => scope))
const person: Caller = { kind: 'operator', id: 'test', scopes: everyScope }
const DENY_ALL = (principal: string): string =>
  `  - id: "${principal} may do nothing"\n    effect: Deny\n    match: { principals: [${principal}] }\n`

/** What a run begins with: its resources. With everything else denied, it runs and may do nothing. */
const DENY_ALL_BUT_TO_RUN = `  - id: "agents may only run"
    effect: Deny
    match: { principals: [agent], resource_type: [${POLICY_RESOURCE_TYPES.filter((type) => type !== 'Compute')}] }
`

let host: Awaited<ReturnType<typeof testEngine>>
let theme: 'light' | 'dark' | 'system'

beforeEach(async () => {
  theme = 'system'
  host = await testEngine()
})
afterEach(() => host.close())

const dispatcher = () => {
  const handlersHost: Host = {
    engine: () => host.engine(),
    events: host.events,
    info: () => ({
      version: '0.0.0',
      electron: null,
      chrome: null,
      node: process.version,
      platform: process.platform,
      dataDir: '',
      engine: { state: 'ready' },
    }),
    doctor: async () => ({ checks: [], ranAtMs: 0 }),
    settings: {
      get: () => ({ theme }),
      set: async (next) => {
        theme = next
      },
    },
  }
  return createDispatcher({
    handlers: createHandlers(handlersHost),
    streams: createStreamHandlers(handlersHost),
    newId: createIds(systemClock),
    log: silentLog,
    checkOutput: true,
  })
}

const recordsAfter = (seq: number) =>
  host
    .engine()
    .audit.list({ filter: {}, limit: 50 })
    .records.filter((record) => record.seq > seq)

interface Known {
  readonly agentId: AgentId
  readonly externalId: AgentId
  readonly definition: AgentDefinition
  readonly serverId: CallInput<'servers.remove'>['id']
  readonly scheduleId: CallInput<'schedules.remove'>['id']
  readonly schedule: CallInput<'schedules.create'>['definition']
}

/** One valid input for each command that acts; one that is missing does not compile. */
const inputs = ({
  agentId,
  externalId,
  definition,
  serverId,
  scheduleId,
  schedule,
}: Known): { readonly [C in Acting]: CallInput<C> } => ({
  'tasks.cancel': { id: ID as TaskId },
  'settings.set': { theme: 'dark' },
  'agents.create': { definition },
  'agents.edit': { id: agentId, baseVersion: 1, definition, note: '' },
  'agents.run': { id: agentId },
  'agents.suspend': { id: agentId },
  'agents.resume': { id: agentId },
  'agents.stop': { id: agentId },
  'agents.bulk': { ids: [agentId], act: 'stop' },
  'agents.heartbeat': { id: externalId },
  'executions.cancel': { id: ID as ExecutionId },
  'schedules.create': { definition: schedule },
  'schedules.edit': { id: scheduleId, baseVersion: 1, definition: schedule },
  'schedules.pause': { id: scheduleId },
  'schedules.resume': { id: scheduleId },
  'schedules.trigger': { id: scheduleId },
  'schedules.remove': { id: scheduleId },
  'scheduler.prioritise': { executionId: ID as ExecutionId, priority: 'high' },
  'backends.add': {
    backend: {
      name: 'far',
      remote: {
        protocol: 'ssh',
        host: '127.0.0.1',
        port: 22,
        user: 'a',
        keySecret: 'demo/token',
        hostKeySha256: 'A'.repeat(43),
      },
      weight: 1,
      maxConcurrent: 4,
    },
  },
  'backends.check': { id: BackendId.parse('docker:local') },
  'backends.remove': { id: BackendId.parse('docker:far'), reason: 'because' },
  'servers.add': { name: 'another', command: 'node', args: [] },
  'servers.reconnect': { id: serverId },
  'servers.remove': { id: serverId },
  'reviews.decide': { toolId: ID as ToolId, digest: HASH, decision: 'approve', reason: 'because' },
  'policies.save': { baseHash: HASH, text: 'version: "1.0"\npolicies: []\n' },
  'policies.rollback': { baseHash: HASH, hash: HASH },
  'approvals.decide': { decision: 'deny', id: ID as ApprovalId, digest: HASH, reason: 'because' },
  'approvals.decideMany': { ids: [ID as ApprovalId], digest: HASH, decision: 'approve' },
  'approvals.revoke': { id: ID as GrantId },
  'messages.send': { to: { kind: 'agent', id: agentId }, payload: { canary: 'canary-value' } },
  'messages.reveal': { id: ID as MessageId, reason: 'because' },
  'messages.rotateKeys': { partyId: ID, reason: 'because' },
  'deadLetters.replay': { ids: [ID as MessageId] },
  'deadLetters.purge': { ids: [ID as MessageId], reason: 'because' },
  'secrets.create': { name: 'a/b', value: 'canary-value', description: '' },
  'secrets.reveal': { name: 'demo/token' },
  'secrets.delete': { name: 'demo/token' },
  'breakers.probe': { id: 'backend:docker:local', reason: 'because' },
  'audit.export': {},
  'audit.archive': { keepRows: 1 },
  'audit.rotateKey': { reason: 'because' },
  'audit.startNewLog': { reason: 'because' },
})

describe('each command of the contract', () => {
  it('is refused by the gate when the rules deny it, changes nothing, and leaves the record of it', async () => {
    const definition = host.definition('return 1', { capabilities: ['memory', 'messages'] })
    const { id: agentId } = await host.engine().agents.create(asking(), definition)
    const external = { ...definition, executionMode: 'external' } as const
    const { id: externalId } = await host.engine().agents.create(asking(), external)
    const server = { name: 'one', command: process.execPath, args: ['-e', ''] }
    const { id: serverId } = await host.engine().tools.addServer(asking(), server)
    await host.engine().secrets.create(asking(), { name: 'demo/token', value: 'canary-value', description: '' })
    const schedule = scheduleOf(agentId)
    const { id: scheduleId } = await host.engine().schedules.create(asking(), schedule)
    const acting = inputs({ agentId, externalId, definition, serverId, scheduleId, schedule })
    const commands = (Object.keys(calls) as Channel[]).filter((channel) => calls[channel].kind === 'command')
    expect(new Set([...Object.keys(acting), ...ONLY_READS])).toEqual(new Set(commands))

    const { call } = dispatcher()
    expect(await call('settings.set', { theme: 'light' }, person)).toMatchObject({ ok: true })
    expect(recordsAfter(0).find(({ action }) => action === 'settings.set')).toMatchObject({ outcome: 'success' })

    await host.addRules(DENY_ALL('operator'))
    for (const [channel, input] of Object.entries(acting)) {
      const before = host.engine().audit.headSeq()
      const reply = await call(channel, input, person)
      // What is done to many is refused one by one.
      const refusal = (reply.ok ? (reply.value as Partial<CallOutput<'agents.bulk'>>).failed?.[0] : reply)?.error
      expect(refusal, channel).toBeDefined()
      const mine = recordsAfter(before).filter((record) => record.actor.kind === 'operator')
      expect(mine, channel).toMatchObject([{ outcome: 'denied', code: refusal?.code }])
    }
    expect(theme).toBe('light')
    expect(host.engine().agents.list()).toMatchObject([
      { state: 'Created', version: 1 },
      { state: 'Created', version: 1 },
    ])
    expect(host.engine().secrets.list()).toHaveLength(1)
    expect(host.engine().bus.list({ filter: {}, limit: 1 }).items).toEqual([])
    expect(host.engine().tools.servers()).toHaveLength(1)
    expect(host.engine().schedules.list({})).toMatchObject([{ status: 'active', version: 1, lastRun: null }])
  })
})

/** What an agent can call, with arguments that are valid, and the act that it is. */
const BUILT_INS: Readonly<Record<string, { readonly args: object; readonly action: string }>> = {
  log: { args: { text: 'x' }, action: 'run.log' },
  'run.complete': { args: { output: 1 }, action: 'run.complete' },
  'memory.get': { args: { key: 'k' }, action: 'memory.get' },
  'memory.put': { args: { key: 'k', value: 1 }, action: 'memory.put' },
  'secrets.get': { args: { name: 'demo/token' }, action: 'secret.read' },
  'bus.send': { args: { to: 'Other', payload: 1 }, action: 'bus.send' },
  'bus.request': { args: { to: 'Other', payload: 1 }, action: 'bus.send' },
  'bus.reply': { args: { requestId: ID, payload: 1 }, action: 'bus.send' },
  'bus.publish': { args: { topic: 'news', payload: 1 }, action: 'bus.send' },
  'bus.broadcast': { args: { payload: 1 }, action: 'bus.send' },
  'bus.receive': { args: {}, action: 'bus.receive' },
  'bus.ack': { args: { ids: [ID] }, action: 'bus.receive' },
  'bus.subscribe': { args: { topic: 'news' }, action: 'bus.subscribe' },
  'bus.unsubscribe': { args: { topic: 'news' }, action: 'bus.subscribe' },
}

describe('each call of an agent', () => {
  it('is refused by the gate when the rules deny it', async () => {
    const args = Object.fromEntries(Object.entries(BUILT_INS).map(([name, builtIn]) => [name, builtIn.args]))
    const body = `
      const names = (await tools.list()).map((tool) => tool.name)
      console.error('offered ' + JSON.stringify(names))
      for (const name of [...names, 'files.read']) await tools.call(name, input[name] ?? {}).catch(() => undefined)`
    const definition = host.definition(body, {
      capabilities: ['memory', 'secrets', 'tools', 'messages'],
      messages: ['**'],
      secrets: ['demo/*'],
      tools: ['files.*'],
    })
    const other = host.definition('return 1', { name: 'Other', capabilities: ['messages'] })
    await host.engine().agents.create(asking(), other)
    const agent = await host.engine().agents.create(asking(), definition)
    await host.addRules(DENY_ALL_BUT_TO_RUN)
    const run = await host.engine().runs.start(asking(), { id: agent.id, input: args as never })
    await host.engine().runs.ended(run.id)
    const said = host
      .engine()
      .logs.page(run.id, undefined, 1000)
      .find((line) => line.text.startsWith('offered '))
    expect(new Set(JSON.parse(said?.text.slice(8) ?? '[]'))).toEqual(new Set(Object.keys(BUILT_INS)))
    const { records } = host.engine().audit.list({ filter: { correlationId: run.correlationId }, limit: 200 })
    const [first, ...byAgent] = records.filter((record) => record.actor.kind === 'agent').reverse()
    expect(first).toMatchObject({ action: 'compute.allocate', outcome: 'success' })
    expect(new Set(byAgent.map((record) => record.outcome))).toEqual(new Set(['denied']))
    const actions = Object.values(BUILT_INS).map((builtIn) => builtIn.action)
    expect(new Set(byAgent.map((record) => record.action))).toEqual(new Set([...actions, 'tool.call']))

    await host.addRules(DENY_ALL('agent'))
    const next = await host.engine().runs.start(asking(), { id: agent.id, input: null })
    expect(await host.engine().runs.ended(next.id)).toMatchObject({ endCause: 'refused', errorCode: 'POLICY_001' })
  })
})

describe('each command of the command line', () => {
  /** `acts` goes through the gate; `reads` opens the data folder read-only or only looks at this machine. */
  const COMMANDS: Readonly<Record<string, 'acts' | 'reads' | 'group'>> = {
    symbi: 'group',
    run: 'acts',
    doctor: 'reads',
    audit: 'group',
    verify: 'reads',
    export: 'reads',
    prove: 'reads',
  }

  it('is known here', () => {
    const source = readFileSync('src-main/cli/index.ts', 'utf8')
    const named = [...source.matchAll(/(?:\.command|new Command)\('([\w-]+)/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(3)
    for (const name of named) expect(COMMANDS, name).toHaveProperty(name)
  })

  it('that acts is refused by the gate when the rules deny it', async () => {
    const dataDir = join(host.dataDir, 'cli')
    await mkdir(dataDir)
    await writeFile(join(dataDir, 'access_policies.yaml'), `version: "1.0"\npolicies:\n${DENY_ALL('cli')}`)
    const denied = runAgent({ dataDir, target: 'hello', input: undefined, tier: '0' })
    await expect(denied).rejects.toMatchObject({ code: 'POLICY_001', details: { rule: 'cli may do nothing' } })
  })
})

it('other ways in are not there yet; they join this file with their first commit', () => {
  for (const folder of ['src-main/http']) expect(existsSync(folder), folder).toBe(false)
})
