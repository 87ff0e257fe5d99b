import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core'
import { as, openTestBus, person, text, until } from './fixtures/bus-fixture'

const now = { max: 100, waitMs: 0 }
const words = (messages: readonly { payload: Buffer }[]): string[] =>
  messages.map(({ payload }) => JSON.parse(payload.toString('utf8')) as string)

describe('delivery', () => {
  it('hands over again what was not acknowledged in time, then gives it up as a dead letter', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock, config: { retryAttempts: 1, ackTimeoutMs: 1000 } })
    const [one, two] = [await agent('One'), await agent('Two')]
    await bus.send(as(one), { to: 'Two', payload: text('x') })
    expect(await bus.receive(as(two), now)).toMatchObject([{ attempt: 1 }])
    expect(await bus.receive(as(two), now)).toEqual([])
    clock.advance(1000)
    expect(await bus.receive(as(two), now)).toMatchObject([{ attempt: 2 }])
    clock.advance(1999)
    expect(bus.stats().unacknowledged).toBe(1)
    clock.advance(1)
    await until(() => bus.stats().deadLetters === 1, 'the dead letter')
    expect(bus.deadLetters({ limit: 10 })).toMatchObject({
      items: [{ reason: 'not-acknowledged', code: 'COMM_001', header: { state: 'dead', attempts: 2 } }],
      total: 1,
    })
  })

  it('gives the next run what an ended one had in its hands, before everything else', async () => {
    const { bus, agent } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    for (const word of ['a', 'b', 'c']) await bus.send(as(one), { to: 'Two', payload: text(word) })
    expect(words(await bus.receive(as(two, { run: one.id }), { max: 2, waitMs: 0 }))).toEqual(['a', 'b'])
    bus.release(two.id, one.id)
    const again = await bus.receive(as(two), now)
    expect(again.map(({ attempt }) => attempt)).toEqual([2, 2, 1])
    expect(words(again)).toEqual(['a', 'b', 'c'])
  })

  it('keeps what was promised when the machine goes off right after the promise (B9, B11)', async () => {
    const first = openTestBus()
    const [one, two] = [await first.agent('One'), await first.agent('Two')]
    const { id } = await first.bus.send(as(one), { to: 'Two', payload: text('x') })
    const second = openTestBus({ dir: first.afterPowerLoss() })
    expect(words(await second.bus.receive(as(two), now))).toEqual(['x'])
    await second.bus.acknowledge(as(two), [id])
    const third = openTestBus({ dir: second.afterPowerLoss() })
    expect(await third.bus.receive(as(two), now)).toEqual([])
    expect(third.bus.list({ filter: {}, limit: 1 }).items).toMatchObject([{ state: 'acknowledged' }])
  })

  it('gives a message at most once where that was chosen, even over a restart', async () => {
    const first = openTestBus()
    const [one, two] = [await first.agent('One'), await first.agent('Two')]
    await first.bus.send(as(one), { to: 'Two', payload: text('x'), guarantee: 'at-most-once' })
    expect(words(await first.bus.receive(as(two), now))).toEqual(['x'])
    const second = openTestBus({ dir: first.afterPowerLoss() })
    expect(await second.bus.receive(as(two), now)).toEqual([])
    expect(second.bus.list({ filter: {}, limit: 1 }).items).toMatchObject([{ state: 'delivered' }])
  })

  it('ends a message at its own time to live, to the millisecond', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock })
    const [one, two] = [await agent('One'), await agent('Two')]
    await bus.send(as(one), { to: 'Two', payload: text('short'), ttlMs: 1500 })
    await bus.send(as(one), { to: 'Two', payload: text('once'), ttlMs: 1500, guarantee: 'at-most-once' })
    await bus.send(as(one), { to: 'Two', payload: text('long'), ttlMs: 5000 })
    clock.advance(1499)
    expect(bus.stats().queued).toBe(3)
    clock.advance(1)
    expect(words(await bus.receive(as(two), now))).toEqual(['long'])
    await until(() => bus.stats().deadLetters === 1, 'the dead letter')
    expect(bus.deadLetters({ limit: 10 }).items).toMatchObject([{ reason: 'expired', code: 'COMM_008' }])
    const states = bus.list({ filter: {}, limit: 10 }).items.map(({ state }) => state)
    expect(states).toEqual(['delivered', 'dropped', 'expired'])
  })

  it('keeps what is sent to an agent that does not run', async () => {
    const { bus, agent, move } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    await move(two, 'Completed')
    await bus.send(as(one), { to: 'Two', payload: text('later') })
    expect(words(await bus.receive(as(two), now))).toEqual(['later'])
  })

  it('makes dead letters of what a retired agent did not read', async () => {
    const { bus, agent, move } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    await bus.subscribe(as(two), 'news')
    await bus.send(as(one), { to: 'Two', payload: text('x') })
    await move(two, 'Terminated')
    await until(() => bus.stats().deadLetters === 1, 'the dead letter')
    expect(bus.deadLetters({ limit: 10 }).items).toMatchObject([{ reason: 'recipient-gone' }])
    await until(() => bus.stats().topics.length === 0, 'the end of the subscription')
  })
})

describe('bounded queues', () => {
  it('refuses what has no room, or lets it wait for some', async () => {
    const { bus, agent } = openTestBus({ config: { maxQueueSize: 2 } })
    const [one, two] = [await agent('One'), await agent('Two')]
    const send = (word: string, waitMs?: number) => bus.send(as(one), { to: 'Two', payload: text(word), waitMs })
    await Promise.all([send('a'), send('b')])
    await expect(send('c')).rejects.toMatchObject({ code: 'COMM_005' })
    const waiting = send('d', 10_000)
    const [first] = await bus.receive(as(two), { max: 1, waitMs: 0 })
    await bus.acknowledge(as(two), [first?.id ?? ''])
    await expect(waiting).resolves.toMatchObject({ sequence: 3 })
    expect(words(await bus.receive(as(two), now))).toEqual(['b', 'd'])
  })

  it('gives up waiting for room when the time is over', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock, config: { maxQueueSize: 1 } })
    const [one] = [await agent('One'), await agent('Two')]
    await bus.send(as(one), { to: 'Two', payload: text('a') })
    const waiting = bus.send(as(one), { to: 'Two', payload: text('b'), waitMs: 1000 })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'COMM_005' })
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1000)
    await refused
  })

  it('does not let one full queue keep a topic from the others', async () => {
    const { bus, agent } = openTestBus({ config: { maxQueueSize: 1 } })
    const [one, two, three] = [await agent('One'), await agent('Two'), await agent('Three')]
    await bus.subscribe(as(two), 'news')
    await bus.subscribe(as(three), 'news')
    await bus.send(as(one), { to: 'Two', payload: text('full') })
    expect(await bus.publish(as(one), { topic: 'news', payload: text('x') })).toMatchObject({ copies: 1 })
    expect(words(await bus.receive(as(three), now))).toEqual(['x'])
    expect(bus.deadLetters({ limit: 10 }).items).toMatchObject([{ reason: 'queue-full', code: 'COMM_005' }])
  })
})

describe('dead letters', () => {
  const withLetter = async (rules?: string) => {
    const clock = createManualClock()
    const host = openTestBus({ clock, ...(rules === undefined ? {} : { rules }) })
    const [one, two] = [await host.agent('One'), await host.agent('Two')]
    const { id } = await host.bus.send(as(one), { to: 'Two', payload: text('again'), ttlMs: 1000 })
    clock.advance(1000)
    await until(() => host.bus.stats().deadLetters === 1, 'the dead letter')
    return { ...host, one, two, id }
  }

  it('are sent again with a fresh time to live', async () => {
    const { bus, two, id } = await withLetter()
    expect(await bus.replay(person, [id])).toBe(1)
    expect(bus.stats().deadLetters).toBe(0)
    const [got] = await bus.receive(as(two), now)
    expect(got).toMatchObject({ from: { name: 'One' }, sequence: 2 })
    expect(words(got === undefined ? [] : [got])).toEqual(['again'])
    await expect(bus.replay(person, [id])).rejects.toMatchObject({ code: 'COMM_007' })
  })

  it('are not sent again when the sender may no longer write there', async () => {
    const { bus, id, policy } = await withLetter()
    const { text: rules, textHash } = policy.view()
    policy.save(
      textHash,
      `${rules}  - id: "quarantine"\n    match: { agents: ["One"], resource_type: Message, resources: ["**"] }\n    effect: Deny\n`,
    )
    await expect(bus.replay(person, [id])).rejects.toMatchObject({ code: 'POLICY_001' })
    expect(bus.stats()).toMatchObject({ deadLetters: 1, queued: 0 })
  })

  it('are purged for a reason, and kept up to a limit', async () => {
    const { bus, id, records } = await withLetter()
    expect(await bus.purge(person, [id], 'no longer of use')).toBe(1)
    expect(bus.deadLetters({ limit: 10 })).toMatchObject({ items: [], total: 0 })
    expect(records('deadletter.purge')).toMatchObject([{ outcome: 'success', details: { reason: 'no longer of use' } }])
  })

  it('go, the oldest first, when there are too many', async () => {
    const clock = createManualClock()
    const { bus, agent } = openTestBus({ clock, config: { deadLetterLimit: 2 } })
    const [one] = [await agent('One'), await agent('Two')]
    const sent: string[] = []
    for (const word of ['a', 'b', 'c']) {
      sent.push((await bus.send(as(one), { to: 'Two', payload: text(word), ttlMs: 1000 })).id)
      clock.advance(1000)
      await until(() => bus.stats().queued === 0, 'the expiry')
    }
    await until(() => bus.deadLetters({ limit: 10 }).items[0]?.header.id === sent[2], 'the last one')
    expect(bus.deadLetters({ limit: 10 }).items.map(({ header }) => header.id)).toEqual([sent[2], sent[1]])
    expect(bus.deadLetters({ limit: 1 })).toMatchObject({ total: 2, items: [{ header: { id: sent[2] } }] })
    const { next } = bus.deadLetters({ limit: 1 })
    expect(bus.deadLetters({ limit: 1, before: next ?? '' }).items).toMatchObject([{ header: { id: sent[1] } }])
    expect(bus.deadLetters({ limit: 10, reasons: ['queue-full'] }).items).toEqual([])
    expect(bus.deadLetters({ limit: 10, agentId: one.id, reasons: ['expired'] }).items).toHaveLength(2)
  })
})
