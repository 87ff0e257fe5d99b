import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AgentFile, Json } from '@contract'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RuntimeError, randomId, silentLog, systemClock } from '../core'
import { type GatewayResult, type GatewaySession, serveAgent } from '../gateway'
import { createDockerDriver, createProcessDriver, type SandboxDriver, type SandboxExit } from './index'
import { type CollectedText, collect, never, specFor, waitFor } from './sandbox-fixture'

type Args = Readonly<Record<string, Json>>
type Answer = (name: string, args: Args, signal: AbortSignal) => GatewayResult | Promise<GatewayResult>

const ok = (value: Json): GatewayResult => ({ ok: true, value })
const refused = (): GatewayResult => ({
  ok: false,
  error: new RuntimeError('POLICY_001', 'No rule allows this.', { nextStep: 'Ask for a rule.' }),
})

interface Conversation {
  readonly calls: { readonly name: string; readonly args: Args }[]
  readonly stderr: CollectedText
  readonly exit: Promise<SandboxExit>
  outcome(): Args | undefined
  stop(): Promise<void>
  hangUp(): void
}

interface Asked {
  readonly program: string
  readonly input?: Json
  readonly files?: readonly AgentFile[]
  readonly answer?: Answer
}

const converse = async (driver: SandboxDriver, asked: Asked): Promise<Conversation> => {
  const { program, input = null, files = [], answer = () => ok(null) } = asked
  const sandbox = await driver.create(specFor(program, { inputJson: JSON.stringify(input), files }))
  const io = await sandbox.start(never())
  const stderr = collect(io.stderr)
  const calls: { name: string; args: Args }[] = []
  const session: GatewaySession = {
    tools: async () => [{ name: 'everything.echo', description: 'Say it again.', inputSchema: { type: 'object' } }],
    async call(name, args, signal) {
      calls.push({ name, args })
      return name === 'run.complete' ? ok(null) : answer(name, args, signal)
    },
  }
  const connection = serveAgent(io, session, { log: silentLog })
  return {
    calls,
    stderr,
    exit: sandbox.wait(),
    outcome: () => calls.find((call) => call.name === 'run.complete')?.args,
    stop: () => sandbox.stop(5_000),
    hangUp: () => void connection.close(),
  }
}

const template = (id: string): Promise<string> => readFile(resolve('resources/templates', id, 'agent.mjs'), 'utf8')
const inside = (body: string): string =>
  `import { run, SymbiError } from 'symbi'\nawait run(async ({ input, log, memory, secrets, tools, signal }) => { ${body} })`

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'engine-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const common = { resourcesDir: resolve('resources'), clock: systemClock, log: silentLog }
const tier0 = (): SandboxDriver => createProcessDriver({ ...common, dataDir, allowed: true })

describe('the agents’ client library', () => {
  it('runs hello: memory, a log line, an output', async () => {
    const answer: Answer = (name) => ok(name === 'memory.get' ? { value: 4 } : null)
    const talk = await converse(tier0(), { program: await template('hello'), input: { name: 'Ada' }, answer })
    expect(await talk.exit).toMatchObject({ exitCode: 0 })
    expect(talk.calls).toEqual([
      { name: 'memory.get', args: { key: 'runs' } },
      { name: 'memory.put', args: { key: 'runs', value: 5 } },
      { name: 'log', args: { level: 'info', text: 'Saying hello to Ada', facts: { runs: 5 } } },
      { name: 'run.complete', args: { output: { greeting: 'Hello, Ada.', runs: 5 } } },
    ])
  })

  it('runs summarize-files on its files', async () => {
    const files = [
      { name: 'a.txt', text: 'The owl sees the owl at night. Mice fear every owl nearby. It rains a bit today.\n' },
    ]
    const talk = await converse(tier0(), { program: await template('summarize-files'), input: { terms: 2 }, files })
    expect(await talk.exit).toMatchObject({ exitCode: 0 })
    expect(talk.outcome()).toEqual({
      output: {
        totals: { files: 1, words: 17, lines: 1 },
        files: [
          {
            name: 'a.txt',
            words: 17,
            lines: 1,
            terms: [
              { term: 'owl', count: 3 },
              { term: 'bit', count: 1 },
            ],
            summary: 'The owl sees the owl at night. Mice fear every owl nearby.',
          },
        ],
      },
    })
  })

  it('runs call-a-tool without the secret in its log', async () => {
    const secret = 'correct horse battery'
    const answer: Answer = (name, args) => ok(name === 'secrets.get' ? { value: secret } : (args['message'] ?? null))
    const input = { tool: 'everything.echo', message: 'hi', secret: 'demo/token', rounds: 2, pauseMs: 0 }
    const talk = await converse(tier0(), { program: await template('call-a-tool'), input, answer })
    expect(await talk.exit).toMatchObject({ exitCode: 0 })
    expect(talk.outcome()).toEqual({ output: { tool: 'everything.echo', rounds: 2, results: ['hi (1)', 'hi (2)'] } })
    expect(JSON.stringify(talk.calls) + talk.stderr.text()).not.toContain(secret)
    expect(talk.calls).toContainEqual({
      name: 'log',
      args: { level: 'info', text: 'Read secret demo/token', facts: { length: secret.length } },
    })
  })

  it('ends call-a-tool with the code of a refusal', async () => {
    const answer: Answer = (name) => (name === 'secrets.get' ? refused() : ok(null))
    const input = { secret: 'demo/token' }
    const talk = await converse(tier0(), { program: await template('call-a-tool'), input, answer })
    expect(await talk.exit).toMatchObject({ exitCode: 1 })
    expect(talk.outcome()).toEqual({ error: { message: 'No rule allows this.', code: 'POLICY_001' } })
  })

  it('gives a refusal to the program as an error with code and next step', async () => {
    const program = inside(`
      const error = await tools.call('everything.echo', {}).catch((error) => error)
      return { is: error instanceof SymbiError, code: error.code, message: error.message, nextStep: error.nextStep }`)
    const talk = await converse(tier0(), { program, answer: refused })
    await talk.exit
    expect(talk.outcome()).toEqual({
      output: { is: true, code: 'POLICY_001', message: 'No rule allows this.', nextStep: 'Ask for a rule.' },
    })
  })

  it('calls one call off and goes on', async () => {
    let calledOff = false
    const answer: Answer = (name, _args, signal) =>
      name === 'everything.slow'
        ? new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              calledOff = true
              resolve(ok(null))
            }),
          )
        : ok('still here')
    const program = inside(`
      const error = await tools.call('everything.slow', {}, { signal: AbortSignal.timeout(50) }).catch((error) => error)
      return [error.name, await tools.call('everything.echo', {}), (await tools.list()).map((tool) => tool.name)]`)
    const talk = await converse(tier0(), { program, answer })
    await talk.exit
    expect(talk.outcome()).toEqual({ output: ['TimeoutError', 'still here', ['everything.echo']] })
    expect(calledOff).toBe(true)
  })

  it('keeps what a program prints out of the protocol', async () => {
    const program = inside(`console.log('printed'); process.stdout.write('written\\n'); return 1`)
    const talk = await converse(tier0(), { program })
    expect(await talk.exit).toMatchObject({ exitCode: 0 })
    expect(talk.stderr.text()).toBe('printed\nwritten\n')
    expect(talk.outcome()).toEqual({ output: 1 })
  })

  it('does not fail a program whose log is not taken', async () => {
    const answer: Answer = (name) => (name === 'log' ? refused() : ok(null))
    const talk = await converse(tier0(), { program: inside(`log.warn('careful'); return 'fine'`), answer })
    expect(await talk.exit).toMatchObject({ exitCode: 0 })
    expect(talk.stderr.text()).toContain('careful')
    expect(talk.outcome()).toEqual({ output: 'fine' })
  })

  it('tells what a program throws, and what it returns that is no JSON', async () => {
    const thrown = await converse(tier0(), { program: inside(`throw new TypeError('no idea')`) })
    expect(await thrown.exit).toMatchObject({ exitCode: 1 })
    expect(thrown.outcome()).toEqual({ error: { message: 'no idea' } })
    expect(thrown.stderr.text()).toContain('TypeError: no idea')

    const circular = await converse(tier0(), { program: inside(`const a = {}; a.a = a; return a`) })
    expect(await circular.exit).toMatchObject({ exitCode: 1 })
    expect(circular.outcome()).toMatchObject({ error: { message: expect.stringContaining('circular') } })

    const nothing = await converse(tier0(), { program: inside('') })
    expect(await nothing.exit).toMatchObject({ exitCode: 0 })
    expect(nothing.outcome()).toEqual({ output: null })
  })

  it('lets a program tidy up when it is stopped', async () => {
    const program = inside(`
      await log.info('up')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      console.log('tidied: ' + signal.reason.code)`)
    const talk = await converse(tier0(), { program })
    await waitFor('the program to be up', () => talk.calls.length === 1)
    await talk.stop()
    expect(await talk.exit).toMatchObject({ exitCode: 143 })
    expect(talk.stderr.text()).toContain('tidied: STOPPED')
    expect(talk.outcome()).toBeUndefined()
  })

  it('ends when the runtime is gone', async () => {
    const talk = await converse(tier0(), { program: inside(`await log.info('up'); await new Promise(() => {})`) })
    await waitFor('the program to be up', () => talk.calls.length === 1)
    talk.hangUp()
    expect(await talk.exit).toMatchObject({ exitCode: 75 })
  })
})

const docker = new Docker()
const isDockerThere = await docker.ping().then(
  () => true,
  () => false,
)

describe.skipIf(!isDockerThere && process.env['CI'] !== 'true')('the gateway through a container', () => {
  const installationId = `test-${randomId()}`
  const tier1 = createDockerDriver({ ...common, installationId, engineId: 'engine-a' })
  beforeAll(() => tier1.prepare(never(), () => undefined))
  afterEach(async () => {
    expect(await tier1.found()).toEqual([])
  })

  it('carries a log line, a call, a refusal, a call called off and the output', async () => {
    let calledOff = false
    const answer: Answer = (name, args, signal) => {
      if (name === 'secrets.get') return refused()
      if (name !== 'everything.slow') return ok(args['message'] ?? null)
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          calledOff = true
          resolve(ok(null))
        }),
      )
    }
    const program = inside(`
      await log.info('at work', { input })
      const echoed = await tools.call('everything.echo', { message: 'x'.repeat(200000) })
      const refusal = await secrets.get('demo/token').catch((error) => error.code)
      const late = await tools.call('everything.slow', {}, { signal: AbortSignal.timeout(50) }).catch((error) => error.name)
      return { length: echoed.length, refusal, late }`)
    const talk = await converse(tier1, { program, input: { a: 1 }, answer })
    expect(await talk.exit).toEqual({ exitCode: 0, signal: null, outOfMemory: false })
    expect(talk.calls[0]).toEqual({ name: 'log', args: { level: 'info', text: 'at work', facts: { input: { a: 1 } } } })
    expect(talk.outcome()).toEqual({ output: { length: 200_000, refusal: 'POLICY_001', late: 'TimeoutError' } })
    expect(calledOff).toBe(true)
  })

  it('answers two thousand calls in a row', async () => {
    const program = inside(
      `let sum = 0; for (let n = 0; n < 2000; n++) sum += await tools.call('add', { n }); return sum`,
    )
    const talk = await converse(tier1, { program, answer: (_name, args) => ok(args['n'] ?? null) })
    await talk.exit
    expect(talk.outcome()).toEqual({ output: 1_999_000 })
  })

  it('ends when the runtime is gone', async () => {
    const talk = await converse(tier1, { program: inside(`await log.info('up'); await new Promise(() => {})`) })
    await waitFor('the program to be up', () => talk.calls.length === 1)
    talk.hangUp()
    expect(await talk.exit).toMatchObject({ exitCode: 75 })
  })
})
