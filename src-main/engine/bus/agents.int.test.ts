import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AgentDefinition } from '@contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { asking, testEngine } from '../testing/test-engine'

let host: Awaited<ReturnType<typeof testEngine>>
beforeEach(async () => {
  host = await testEngine()
})
afterEach(() => host.close())

const create = (name: string, body: string, more: Partial<AgentDefinition> = {}) =>
  host
    .engine()
    .agents.create(
      asking(),
      host.definition(body, { name, capabilities: ['messages'], messages: ['agent/*', 'topic/news'], ...more }),
    )
const run = async (agent: { id: AgentDefinitionId }, input: unknown = null) => {
  const { runs } = host.engine()
  const { id } = await runs.start(asking(), { id: agent.id, input: input as never })
  return runs.ended(id)
}
type AgentDefinitionId = Parameters<ReturnType<typeof host.engine>['agents']['get']>[0]

it('lets two programs ask and answer each other', async () => {
  const source = {
    language: 'javascript',
    text: readFileSync(resolve('resources/templates/ask-another/agent.mjs'), 'utf8'),
  } as const
  const pong = await create('Pong', '', { source })
  const ping = await create('Ping', '', { source })
  const [answered, asked] = await Promise.all([run(pong, { answers: 2 }), run(ping, { ask: 'Pong', times: 2 })])
  expect(asked).toMatchObject({ state: 'succeeded', output: { answers: [{ pong: 1 }, { pong: 2 }] } })
  expect(answered).toMatchObject({ state: 'succeeded', output: { answered: 2 } })
  const { items } = host.engine().bus.list({ filter: {}, limit: 10 })
  expect(items.map(({ type, state }) => [type, state])).toEqual([
    ['response', 'acknowledged'],
    ['request', 'acknowledged'],
    ['response', 'acknowledged'],
    ['request', 'acknowledged'],
  ])
})

it('keeps a message for the next run, and gives again what a run left unacknowledged', async () => {
  const receiver = await create(
    'Receiver',
    `const got = await bus.receive({ waitMs: 5000 })
     if (input.acks) await bus.ack(got)
     return got.map(({ payload, attempt }) => [payload, attempt])`,
  )
  const sender = await create('Sender', `return bus.send('Receiver', { large: 'x'.repeat(1048560) })`)
  expect(await run(sender)).toMatchObject({ state: 'succeeded' })
  expect(await run(receiver, { acks: false })).toMatchObject({ output: [[{ large: expect.any(String) }, 1]] })
  expect(await run(receiver, { acks: true })).toMatchObject({ output: [[{ large: expect.any(String) }, 2]] })
  expect(host.engine().bus.stats()).toMatchObject({ queued: 0, unacknowledged: 0 })
})

it('publishes to those who listen, and tells a program why it may not', async () => {
  const listener = await create(
    'Listener',
    `await bus.subscribe('news'); return (await bus.receive({ waitMs: 100 })).length`,
  )
  expect(await run(listener)).toMatchObject({ output: 0 })
  const teller = await create(
    'Teller',
    `const { copies } = await bus.publish('news', { n: 1 })
     const refused = await bus.publish('other', 1).catch((error) => error.code)
     const tooLarge = await bus.send('Listener', 'x'.repeat(1048575)).catch((error) => error.code)
     const nobody = await bus.send('Nobody', 1).catch((error) => error.code)
     return { copies, refused, tooLarge, nobody }`,
  )
  expect(await run(teller)).toMatchObject({
    output: { copies: 1, refused: 'SEC_001', tooLarge: 'COMM_002', nobody: 'COMM_001' },
  })
  const reader = await create('Reader', 'return 1', { capabilities: [] })
  expect(await run(reader)).toMatchObject({ state: 'succeeded' })
  expect(await run(listener)).toMatchObject({ output: 1 })
})
