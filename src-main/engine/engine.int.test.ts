import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type AgentDefinition,
  type AuditRecord,
  type CorrelationId,
  ERRORS,
  type Execution,
  type Json,
} from '@contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from './config'
import { type Caller, createEvents, createIds, createLog, createRedactor, systemClock } from './core'
import { createEngine, type Engine } from './engine'
import type { Keyring } from './secrets'

const resourcesDir = resolve('resources')
const everything = resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const CANARY = 'canary-7d1f-never-to-be-seen'

const memoryKeyring = (): Keyring => {
  const values = new Map<string, string>()
  return {
    get: async (account) => values.get(account) ?? null,
    set: async (account, value) => {
      values.set(account, value)
    },
    delete: async (account) => {
      values.delete(account)
    },
  }
}

const operator: Caller = { kind: 'operator', id: 'test', scopes: new Set() }
const newId = createIds(systemClock)
const asking = () => ({ caller: operator, correlationId: newId<CorrelationId>() })

let dataDir: string
let engine: Engine
let logged: string[]
let keyring: Keyring

const CONFIG = `[sandbox]
allow_tier0 = true
[lifecycle]
termination_timeout = "2s"
restart_backoff = "20ms"
`

const open = (): Promise<Engine> => {
  const redactor = createRedactor()
  return createEngine(
    loadConfig({
      path: 'test.toml',
      env: {},
      readFile: () => CONFIG,
    }),
    {
      dataDir,
      resourcesDir,
      clock: systemClock,
      events: createEvents(() => undefined),
      log: createLog({ level: 'debug', sink: { write: (line) => logged.push(line) }, redactor }),
      redactor,
      keyring,
      env: process.env,
      workingDir: dataDir,
      productVersion: '0.0.0',
    },
  )
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'symbi-engine-'))
  logged = []
  keyring = memoryKeyring()
  engine = await open()
})

afterEach(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true, force: true })
})

const template = (id: string): AgentDefinition => {
  const found = engine.templates.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`no template ${id}`)
  return { ...found.definition, securityTier: 'tier0' }
}

const program = (text: string, change: Partial<AgentDefinition> = {}): AgentDefinition => ({
  ...template('hello'),
  source: { language: 'javascript', text },
  ...change,
})

const runToEnd = async (definition: AgentDefinition, input: Json = {}): Promise<Execution> => {
  const who = asking()
  const agent = await engine.agents.create(who, definition)
  const started = await engine.runs.start(who, { id: agent.id, input })
  return engine.runs.ended(started.id)
}

const auditOf = (correlationId: CorrelationId): AuditRecord[] =>
  engine.audit.list({ filter: { correlationId }, limit: 200 }).records.toReversed()

const logOf = (run: Execution): string =>
  engine.logs
    .page(run.id, undefined, 1000)
    .map((line) => line.text)
    .join('\n')

const stateIs = (id: Execution['agentId'], state: string) =>
  vi.waitFor(() => expect(engine.agents.summary(id).state).toBe(state), { timeout: 10_000, interval: 20 })

describe('a run', () => {
  it('goes from its template to an output, and every step is in the audit trail under one id', async () => {
    const run = await runToEnd(template('hello'), { name: 'Ada' })
    expect(run).toMatchObject({ state: 'succeeded', endCause: 'completed', exitCode: 0 })
    expect(JSON.stringify(run.output)).toContain('Ada')
    expect(engine.agents.summary(run.agentId).state).toBe('Completed')
    const actions = auditOf(run.correlationId).map((record) => record.action)
    expect(actions).toEqual(
      expect.arrayContaining(['agent.create', 'agent.run', 'agent.running', 'memory.put', 'run.end']),
    )
    expect(await engine.audit.verify()).toMatchObject({ ok: true })
    expect(engine.agents.timeline(run.agentId).map((change) => change.to)).toEqual([
      'Created',
      'Initializing',
      'Ready',
      'Running',
      'Completed',
    ])
  })

  it('can be repeated, and the agent remembers', async () => {
    const who = asking()
    const agent = await engine.agents.create(who, template('hello'))
    const outputs: string[] = []
    for (let count = 0; count < 2; count += 1) {
      const started = await engine.runs.start(asking(), { id: agent.id, input: {} })
      outputs.push(JSON.stringify((await engine.runs.ended(started.id)).output))
    }
    expect(outputs[0]).not.toBe(outputs[1])
  })

  it('fails with the message of its program', async () => {
    const run = await runToEnd(
      program(`import { run } from 'symbi'\nrun(async () => { throw new Error('no such city') })`),
    )
    expect(run).toMatchObject({ state: 'failed', endCause: 'program-error', errorCode: 'RUN_001' })
    expect(run.errorMessage).toContain('no such city')
    expect(engine.agents.summary(run.agentId).state).toBe('Failed')
  })

  it('ends when its time is over', async () => {
    const definition = program(`setInterval(() => undefined, 1000); process.on('SIGTERM', () => process.exit(9))`)
    const run = await runToEnd({ ...definition, limits: { ...definition.limits, executionTimeoutMs: 1000 } })
    expect(run).toMatchObject({ state: 'timed-out', endCause: 'execution-timeout', errorCode: 'RUN_002' })
  })

  it('is suspended, resumed and stopped; a stopped agent is Terminated and cannot run again', async () => {
    const who = asking()
    const agent = await engine.agents.create(who, program(`setInterval(() => console.error('tick'), 50)`))
    const started = await engine.runs.start(who, { id: agent.id, input: null })
    await stateIs(agent.id, 'Running')
    expect((await engine.runs.suspend(asking(), agent.id, 'look closer')).state).toBe('Suspended')
    await expect(engine.runs.suspend(asking(), agent.id, 'again')).rejects.toMatchObject({ code: 'AGENT_002' })
    expect((await engine.runs.resume(asking(), agent.id, 'go on')).state).toBe('Running')
    expect((await engine.runs.stop(asking(), agent.id, 'enough')).state).toBe('Terminated')
    expect(engine.runs.get(started.id)).toMatchObject({ state: 'stopped', endCause: 'stopped-by-operator' })
    await expect(engine.runs.start(asking(), { id: agent.id, input: null })).rejects.toMatchObject({
      code: 'AGENT_002',
    })
  })

  it('waits its turn, however often it is asked for at once: an agent runs once at a time', async () => {
    const agent = await engine.agents.create(asking(), template('hello'))
    const asked = await Promise.all([1, 2, 3].map(() => engine.runs.start(asking(), { id: agent.id, input: {} })))
    const ends = await Promise.all(asked.map((run) => engine.runs.ended(run.id)))
    expect(ends.map((run) => run.state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    const [first, second, third] = ends.sort((a, b) => a.startedAtMs - b.startedAtMs)
    expect(second?.startedAtMs).toBeGreaterThanOrEqual(first?.endedAtMs ?? Number.NaN)
    expect(third?.startedAtMs).toBeGreaterThanOrEqual(second?.endedAtMs ?? Number.NaN)
    expect(engine.agents.summary(agent.id)).toMatchObject({ state: 'Completed', queuedRuns: 0, liveRuns: 0 })
    expect(engine.scheduler.status()).toMatchObject({ running: 0, queued: 0 })
    expect(engine.resources.overview().allocations).toEqual([])
  })

  it('is tried again after a failure, as long as the attempts last, when its agent is persistent', async () => {
    const failing = program(`process.exit(await import('node:fs').then((fs) => 3))`, { executionMode: 'persistent' })
    const agent = await engine.agents.create(asking(), failing)
    await engine.runs.start(asking(), { id: agent.id, input: null })
    const restarts = () => engine.recovery.restarts(agent.id, 50).map(({ outcome }) => outcome)
    await vi.waitFor(() => expect(restarts()).toContain('given-up'), { timeout: 15_000, interval: 20 })
    const runs = engine.runs.list({ agentId: agent.id, limit: 50 })
    expect(runs.map(({ attempt, origin }) => [attempt, origin])).toEqual([
      [4, 'recovery'],
      [3, 'recovery'],
      [2, 'recovery'],
      [1, 'operator'],
    ])
    expect(engine.agents.get(agent.id)).toMatchObject({ state: 'Failed', health: { status: 'unhealthy' } })
  })

  it('is refused, not run elsewhere, when its tier is not there', async () => {
    const agent = await engine.agents.create(asking(), { ...template('hello'), securityTier: 'tier3' })
    await expect(engine.runs.start(asking(), { id: agent.id, input: null })).rejects.toMatchObject({
      code: 'SANDBOX_001',
    })
    expect(engine.agents.summary(agent.id).state).toBe('Created')
  })
})

describe('what an agent may do', () => {
  it('calls a tool only after a person approved it, and reads a secret without leaving it anywhere', async () => {
    await engine.tools.addServer(asking(), {
      name: 'everything',
      command: process.execPath,
      args: [everything],
    })
    await vi.waitFor(() => expect(engine.tools.servers()[0]?.state).toBe('connected'), {
      timeout: 20_000,
      interval: 20,
    })
    await engine.secrets.create(asking(), { name: 'demo/token', value: CANARY, description: '' })
    const input = { tool: 'everything.echo', message: 'hi', secret: 'demo/token', rounds: 1, pauseMs: 0 }

    const before = await runToEnd(template('call-a-tool'), input)
    expect(before).toMatchObject({
      state: 'failed',
      errorCode: 'REVIEW_001',
      errorNextStep: ERRORS.REVIEW_001.nextStep,
    })
    expect(auditOf(before.correlationId).find((record) => record.action === 'tool.call')).toMatchObject({
      outcome: 'denied',
      code: 'REVIEW_001',
    })

    const echo = engine.tools.tools({}).find((tool) => tool.name === 'echo')
    if (echo === undefined) throw new Error('echo is not offered')
    await engine.review.decide(asking(), {
      toolId: echo.id,
      digest: echo.digest,
      decision: 'approve',
      reason: 'harmless',
    })

    const after = await runToEnd(template('call-a-tool'), input)
    expect(after).toMatchObject({ state: 'succeeded', endCause: 'completed' })
    const records = auditOf(after.correlationId)
    expect(records.filter((record) => record.action === 'tool.call')).toMatchObject([{ outcome: 'success' }])
    expect(records.filter((record) => record.action === 'secret.read')).toMatchObject([{ outcome: 'success' }])
    expect(JSON.stringify(records) + logOf(after) + logged.join('')).not.toContain(CANARY)
  })

  it('is told no with a code when its definition does not grant it', async () => {
    const run = await runToEnd(
      program(
        `import { run } from 'symbi'\nrun(async ({ secrets }) => { try { await secrets.get('demo/token') } catch (e) { return e.code } })`,
      ),
    )
    expect(run.output).toBe('SEC_001')
    expect(auditOf(run.correlationId).find((record) => record.action === 'secret.read')).toMatchObject({
      outcome: 'denied',
    })
  })

  it('is told no with a code when the policy denies it', async () => {
    const { textHash, text } = engine.policy.view()
    await engine.policy.save(asking(), {
      baseHash: textHash,
      // Without the tests that the file holds of itself: they expect what is denied here.
      text: text.replace(
        /^tests:[\s\S]*/m,
        '  - name: "no demo secrets"\n    effect: "Deny"\n    conditions:\n      - resource_type: "Secret"\n    resources: ["demo/**"]\n    operations: ["Read"]\n',
      ),
    })
    await engine.secrets.create(asking(), { name: 'demo/token', value: CANARY, description: '' }).catch(() => undefined)
    const run = await runToEnd(
      program(
        `import { run } from 'symbi'\nrun(async ({ secrets }) => { try { await secrets.get('demo/token') } catch (e) { return e.code } })`,
        {
          capabilities: ['secrets'],
          secrets: ['demo/*'],
        },
      ),
    )
    expect(run.output).toBe('POLICY_001')
  })

  it('prints a secret into its log and only a mask is kept', async () => {
    await engine.secrets.create(asking(), { name: 'demo/token', value: CANARY, description: '' })
    const run = await runToEnd(
      program(
        `import { run } from 'symbi'\nrun(async ({ secrets, log }) => { const v = await secrets.get('demo/token'); console.error(v); await log.info('it is ' + v); return 'done' })`,
        { capabilities: ['secrets'], secrets: ['demo/*'] },
      ),
    )
    expect(run.output).toBe('done')
    expect(logOf(run)).toContain('it is [redacted]')
    expect(logOf(run)).not.toContain(CANARY)
  })

  it.each([
    ['gives it as its output', `return { got: v, more: 1 }`, { got: '[redacted]', more: 1 }],
    ['fails with it', `throw new Error('it is ' + v)`, null],
  ])('%s and only a mask is kept', async (_what, rest, output) => {
    await engine.secrets.create(asking(), { name: 'demo/token', value: CANARY, description: '' })
    const run = await runToEnd(
      program(
        `import { run } from 'symbi'\nrun(async ({ secrets }) => { const v = await secrets.get('demo/token'); ${rest} })`,
        { capabilities: ['secrets'], secrets: ['demo/*'] },
      ),
    )
    expect(run.output).toEqual(output)
    const kept = JSON.stringify([run, engine.agents.timeline(run.agentId), engine.agents.summary(run.agentId)])
    expect(kept).toContain('[redacted]')
    expect(kept + logOf(run) + logged.join('')).not.toContain(CANARY)
  })

  it.each([
    ['that it was told', `await secrets.get('no/such')`, 'SEC_001'],
    ['that nobody told it', `throw Object.assign(new Error('made up'), { code: 'POLICY_001' })`, 'RUN_001'],
  ])('fails with a code %s', async (_what, rest, errorCode) => {
    const run = await runToEnd(program(`import { run } from 'symbi'\nrun(async ({ secrets }) => { ${rest} })`))
    expect(run).toMatchObject({ state: 'failed', endCause: 'program-error', errorCode })
  })

  it('gives an output that looks like a credential, and the run can still be read', async () => {
    const run = await runToEnd(
      program(`import { run } from 'symbi'\nrun(async () => ({ text: '-----BEGIN PRIVATE KEY----- abc', more: 1 }))`),
    )
    expect(run).toMatchObject({ state: 'succeeded', output: { text: '[redacted]', more: 1 } })
  })

  it('floods its log with empty lines, and the log comes to an end', async () => {
    const run = await runToEnd(
      program(
        `for (let i = 0; i < 30; i += 1) if (!process.stderr.write('\\n'.repeat(10_000))) await new Promise((r) => process.stderr.once('drain', r))`,
      ),
    )
    const kept = engine.store.get<{ n: number }>('SELECT count(*) AS n FROM execution_log WHERE execution_id = :id', {
      id: run.id,
    })
    expect(kept?.n).toBeLessThan(260_000)
    expect(logOf(run)).toContain('The log of this run is full')
  })
})

describe('versions', () => {
  it('refuses an edit of a version that is no longer the newest', async () => {
    const agent = await engine.agents.create(asking(), template('hello'))
    const edited = await engine.agents.edit(asking(), {
      id: agent.id,
      baseVersion: 1,
      definition: { ...agent.definition, description: 'second' },
      note: 'words',
    })
    expect(edited).toMatchObject({ version: 2, description: 'second' })
    await expect(
      engine.agents.edit(asking(), { id: agent.id, baseVersion: 1, definition: agent.definition, note: '' }),
    ).rejects.toMatchObject({ code: 'AGENT_003' })
  })
})

describe('an engine that closes', () => {
  it('starts no run that was asked for just before', async () => {
    const agent = await engine.agents.create(asking(), template('hello'))
    const start = engine.runs.start(asking(), { id: agent.id, input: {} })
    const refused = expect(start).rejects.toBeInstanceOf(Error)
    await engine.close()
    await refused
    engine = await open()
    expect(engine.runs.list({ limit: 10 })).toEqual([])
    expect(engine.agents.summary(agent.id).state).toBe('Created')
  })
})

describe('a start after an end that nobody asked for', () => {
  it('accounts for every run that was open', async () => {
    const done = await runToEnd(template('hello'))
    await engine.store.write((tx) => {
      tx.run(`UPDATE executions SET state = 'running', ended_at = NULL, end_cause = NULL WHERE id = :id`, {
        id: done.id,
      })
      tx.run(`UPDATE agents SET state = 'Running' WHERE id = :id`, { id: done.agentId })
    })
    await engine.close()
    engine = await open()
    expect(engine.runs.get(done.id)).toMatchObject({ state: 'failed', endCause: 'engine-stopped' })
    expect(engine.agents.summary(done.agentId)).toMatchObject({ state: 'Failed' })
    expect(await engine.audit.verify()).toMatchObject({ ok: true })
  })
})
