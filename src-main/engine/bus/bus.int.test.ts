import { describe, expect, it } from 'vitest'
import { createManualClock, RuntimeError } from '../core'
import { as, openTestBus, text, until } from './fixtures/bus-fixture'

const now = { max: 100, waitMs: 0 }
const words = (messages: readonly { payload: Buffer }[]): string[] =>
  messages.map(({ payload }) => JSON.parse(payload.toString('utf8')) as string)

describe('sending and receiving', () => {
  it('hands a message over sealed, signed and in order, and never again once it is acknowledged', async () => {
    const { bus, agent } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    const sent = await Promise.all(['a', 'b', 'c'].map((word) => bus.send(as(one), { to: 'Two', payload: text(word) })))
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    const got = await bus.receive(as(two), now)
    expect(words(got)).toEqual(['a', 'b', 'c'])
    expect(got[0]).toMatchObject({ id: sent[0]?.id, attempt: 1, type: 'direct', from: { name: 'One', kind: 'agent' } })
    expect(
      await bus.acknowledge(
        as(two),
        got.map(({ id }) => id),
      ),
    ).toBe(3)
    expect(
      await bus.acknowledge(
        as(two),
        got.map(({ id }) => id),
      ),
    ).toBe(0)
    expect(await bus.receive(as(two), now)).toEqual([])
    expect(bus.list({ filter: {}, limit: 10 }).items.map(({ state, sequence }) => [state, sequence])).toEqual([
      ['acknowledged', 3],
      ['acknowledged', 2],
      ['acknowledged', 1],
    ])
  })

  it('works with threads of its own, in both forms, and ends with them', async () => {
    const { bus, agent, close } = openTestBus({ threads: true })
    const [one, two] = [await agent('One'), await agent('Two')]
    const { id } = await bus.send(as(one), { to: two.id, payload: text('alone') })
    const burst = await Promise.all([1, 2, 3].map((n) => bus.send(as(one), { to: two.id, payload: text(`${n}`) })))
    expect(words(await bus.receive(as(two), now))).toEqual(['alone', '1', '2', '3'])
    expect(await bus.get(id)).toMatchObject({ verification: { signature: 'valid', form: 'single', keyVersion: 1 } })
    expect(await bus.get(burst[1]?.id ?? '')).toMatchObject({ verification: { signature: 'valid', form: 'batch' } })
    await close()
    await expect(bus.send(as(one), { to: two.id, payload: text('late') })).rejects.toBeInstanceOf(RuntimeError)
  })

  it('wakes a receiver that waits, and lets it go when its time is over', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock })
    const [one, two] = [await agent('One'), await agent('Two')]
    const waiting = bus.receive(as(two), { max: 1, waitMs: 1000 })
    await bus.send(as(one), { to: 'Two', payload: text('here') })
    expect(words(await waiting)).toEqual(['here'])
    const inVain = bus.receive(as(two), { max: 1, waitMs: 1000 })
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1000)
    expect(await inVain).toEqual([])
  })

  it('takes a message of exactly the largest size, and not one byte more', async () => {
    const { bus, agent, records } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    const payload = Buffer.alloc(1_048_576, 0x61)
    await bus.send(as(one), { to: 'Two', payload })
    const [got] = await bus.receive(as(two), now)
    expect(got?.payload.equals(payload)).toBe(true)
    const tooLarge = bus.send(as(one), { to: 'Two', payload: Buffer.alloc(1_048_577) })
    await expect(tooLarge).rejects.toMatchObject({ code: 'COMM_002' })
    expect(records('bus.send')).toMatchObject([{ outcome: 'denied', code: 'COMM_002' }])
  })

  it('refuses receivers that there are not, that are ambiguous, retired or take no part', async () => {
    const { bus, agent, move } = openTestBus()
    const one = await agent('One')
    await agent('Twin')
    await agent('Twin')
    await agent('Deaf', [])
    await move(await agent('Gone'), 'Terminated')
    for (const to of ['Nobody', 'Twin', 'Deaf', 'Gone'])
      await expect(bus.send(as(one), { to, payload: text('x') }), to).rejects.toMatchObject({ code: 'COMM_001' })
    await agent('Two')
    await expect(bus.send(as(one), { to: 'Two', payload: text('x') })).resolves.toMatchObject({ sequence: 1 })
  })

  it('asks the policy about each receiver, and records what it denies', async () => {
    const rules = `version: "1.0"
policies:
  - id: "to two only"
    match: { principals: agent, resource_type: Message, resources: ["agent/Two", "self"] }
    effect: Allow
`
    const { bus, agent, records } = openTestBus({ rules })
    const one = await agent('One')
    await agent('Two')
    await agent('Three')
    await bus.send(as(one), { to: 'Two', payload: text('x') })
    await expect(bus.send(as(one), { to: 'Three', payload: text('x') })).rejects.toMatchObject({ code: 'POLICY_001' })
    await expect(bus.publish(as(one), { topic: 'news', payload: text('x') })).rejects.toMatchObject({
      code: 'POLICY_001',
    })
    await expect(bus.subscribe(as(one), 'news')).rejects.toMatchObject({ code: 'POLICY_001' })
    expect(records('bus.send')).toMatchObject([
      { outcome: 'denied', resource: 'Message topic/news' },
      { outcome: 'denied', resource: 'Message agent/Three' },
    ])
  })

  it('holds to what the definition grants before any rule', async () => {
    const { bus, agent } = openTestBus()
    const one = await agent('One')
    await agent('Two')
    const holds = (resource: string): void => {
      if (resource !== 'agent/Two') throw new RuntimeError('SEC_001', 'not granted')
    }
    await bus.send(as(one, { holds }), { to: 'Two', payload: text('x') })
    await agent('Three')
    const denied = bus.send(as(one, { holds }), { to: 'Three', payload: text('x') })
    await expect(denied).rejects.toMatchObject({ code: 'SEC_001' })
    await expect(bus.broadcast(as(one, { holds }), { payload: text('x') })).rejects.toMatchObject({ code: 'SEC_001' })
  })
})

describe('topics and broadcasts', () => {
  it('gives one copy to each subscriber, however often it subscribed, and none to the sender', async () => {
    const { bus, agent } = openTestBus()
    const [one, two, three] = [await agent('One'), await agent('Two'), await agent('Three')]
    expect(await bus.subscribe(as(two), 'news/a')).toBe(true)
    expect(await bus.subscribe(as(two), 'news/a')).toBe(false)
    await bus.subscribe(as(one), 'news/a')
    const { groupId, copies } = await bus.publish(as(one), { topic: 'news/a', payload: text('x') })
    expect(copies).toBe(1)
    expect(await bus.receive(as(two), now)).toMatchObject([{ groupId, topic: 'news/a', type: 'publish' }])
    expect(await bus.receive(as(one), now)).toEqual([])
    expect(await bus.receive(as(three), now)).toEqual([])
    expect(await bus.unsubscribe(as(two), 'news/a')).toBe(true)
    expect(await bus.publish(as(one), { topic: 'news/a', payload: text('x') })).toMatchObject({ copies: 0 })
  })

  it('keeps subscriptions over a restart', async () => {
    const first = openTestBus()
    const [one, two] = [await first.agent('One'), await first.agent('Two')]
    await first.bus.subscribe(as(two), 'news')
    await first.close()
    const second = openTestBus({ dir: first.dir })
    expect(await second.bus.publish(as(one), { topic: 'news', payload: text('x') })).toMatchObject({ copies: 1 })
  })

  it('reaches every agent that takes part, but those that a rule denies', async () => {
    const rules = `version: "1.0"
policies:
  - id: "all"
    match: { principals: agent, resource_type: Message, resources: ["**"] }
    effect: Allow
  - id: "not three"
    match: { principals: agent, resource_type: Message, resources: ["agent/Three"], operations: [Send] }
    effect: Deny
`
    const { bus, agent, records } = openTestBus({ rules })
    const [one, two, three, four] = [await agent('One'), await agent('Two'), await agent('Three'), await agent('Four')]
    await agent('Deaf', [])
    expect(await bus.broadcast(as(one), { payload: text('all') })).toMatchObject({ copies: 2 })
    expect(words(await bus.receive(as(two), now))).toEqual(['all'])
    expect(words(await bus.receive(as(four), now))).toEqual(['all'])
    expect(await bus.receive(as(three), now)).toEqual([])
    expect(records('bus.send')).toMatchObject([{ outcome: 'denied', resource: 'Message agent/Three' }])
  })
})

describe('requests', () => {
  it('brings the answer to who asked, and not into its queue', async () => {
    const { bus, agent } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    const asked = bus.request(as(one), { to: 'Two', payload: text('ping'), timeoutMs: 5000 })
    const [request] = await bus.receive(as(two), { max: 1, waitMs: 1000 })
    expect(request).toMatchObject({ type: 'request' })
    await bus.reply(as(two), { requestId: request?.id ?? '', payload: text('pong') })
    expect(await asked).toMatchObject({ type: 'response', replyTo: request?.id, from: { name: 'Two' } })
    expect(await bus.receive(as(one), now)).toEqual([])
    const [answer, question] = bus.list({ filter: {}, limit: 10 }).items
    expect(answer).toMatchObject({ type: 'response', correlationId: question?.correlationId })
    expect(bus.conversation(question?.correlationId ?? '', 10).map(({ type }) => type)).toEqual(['request', 'response'])
  })

  it('ends without an answer when time is over or it is called off', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock })
    const [one] = [await agent('One'), await agent('Two')]
    const asked = bus.request(as(one), { to: 'Two', payload: text('ping'), timeoutMs: 5000 })
    const refused = expect(asked).rejects.toMatchObject({ code: 'COMM_006' })
    await until(() => bus.stats().queued === 1, 'the request')
    clock.advance(5000)
    await refused
    const stop = new AbortController()
    const other = bus.request(as(one, { signal: stop.signal }), { to: 'Two', payload: text('ping'), timeoutMs: 5000 })
    await until(() => bus.list({ filter: { types: ['request'] }, limit: 10 }).items.length === 2, 'the request')
    stop.abort(new RuntimeError('RUN_003', 'called off'))
    await expect(other).rejects.toMatchObject({ code: 'RUN_003' })
  })

  it('takes an answer only from who was asked', async () => {
    const { bus, agent } = openTestBus()
    const [one, two, three] = [await agent('One'), await agent('Two'), await agent('Three')]
    const asked = bus.request(as(one), { to: 'Two', payload: text('ping'), timeoutMs: 5000 })
    const [request] = await bus.receive(as(two), { max: 1, waitMs: 1000 })
    const intruder = bus.reply(as(three), { requestId: request?.id ?? '', payload: text('mine') })
    await expect(intruder).rejects.toMatchObject({ code: 'COMM_007' })
    await bus.reply(as(two), { requestId: request?.id ?? '', payload: text('pong') })
    expect((await asked).payload).toEqual(text('pong'))
  })
})

it('does not open without encryption', () => {
  expect(() => openTestBus({ config: { enableEncryption: false } })).toThrow(
    expect.objectContaining({ code: 'CONFIG_001' }),
  )
})
