import { describe, expect, it } from 'vitest'
import { createManualClock, RuntimeError } from '../core'
import { as, openTestBus, person, text, until } from './fixtures/bus-fixture'

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

describe('keys', () => {
  it('are renewed by a person, and old messages stay readable', async () => {
    const { bus, agent } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    const before = await bus.send(as(one), { to: 'Two', payload: text('before') })
    const [first] = bus.identities()
    const renewed = await bus.rotateKeys(person, one.id, 'a drill')
    expect(renewed).toMatchObject({ keyVersion: 2, party: { name: 'One' } })
    expect(renewed.fingerprint).not.toBe(first?.fingerprint)
    await bus.rotateKeys(person, two.id, 'a drill')
    await bus.send(as(one), { to: 'Two', payload: text('after') })
    expect(words(await bus.receive(as(two), now))).toEqual(['before', 'after'])
    expect(await bus.get(before.id)).toMatchObject({ verification: { signature: 'valid', keyVersion: 1 } })
    await expect(bus.rotateKeys(person, person.correlationId, 'nobody')).rejects.toMatchObject({ code: 'COMM_007' })
  })

  it('open what was sent before a restart and a renewal', async () => {
    const first = openTestBus()
    const [one, two] = [await first.agent('One'), await first.agent('Two')]
    await first.bus.send(as(one), { to: 'Two', payload: text('before') })
    await first.bus.rotateKeys(person, two.id, 'a drill')
    await first.close()
    const second = openTestBus({ dir: first.dir })
    expect(words(await second.bus.receive(as(two), now))).toEqual(['before'])
  })

  it('are not used while the key store is locked, and nothing is sent without them', async () => {
    const locked = new RuntimeError('SECRET_004', 'The system keyring is locked.')
    let isLocked = true
    const key = async () => {
      if (isLocked) throw locked
      return { bytes: Buffer.alloc(32, 7), id: Buffer.alloc(8, 1) }
    }
    const { bus, agent, records } = openTestBus({ key })
    const [one] = [await agent('One'), await agent('Two')]
    await expect(bus.send(as(one), { to: 'Two', payload: text('x') })).rejects.toBe(locked)
    expect(records('bus.send')).toMatchObject([{ outcome: 'failed', code: 'SECRET_004' }])
    expect(bus.list({ filter: {}, limit: 1 }).items).toEqual([])
    isLocked = false
    await expect(bus.send(as(one), { to: 'Two', payload: text('x') })).resolves.toMatchObject({ sequence: 1 })
  })

  it('lie on the disk only sealed', async () => {
    const { bus, agent, store } = openTestBus()
    const [one] = [await agent('One'), await agent('Two')]
    await bus.send(as(one), { to: 'Two', payload: text('x') })
    const rows = store.all<{ sealed_private: Buffer }>('SELECT sealed_private FROM message_keys')
    expect(rows).toHaveLength(2)
    for (const { sealed_private: sealed } of rows) expect(sealed.subarray(0, 6).toString()).toBe('SYMSEC')
  })
})

describe('what a person sees', () => {
  it('opens a message only by an act with a reason, and records no word of it', async () => {
    const { bus, agent, records, audit } = openTestBus()
    const [one] = [await agent('One'), await agent('Two')]
    const { id } = await bus.send(as(one), { to: 'Two', payload: Buffer.from('{"word":"canary"}') })
    expect(await bus.reveal(person, id, 'a question of a customer')).toEqual({
      text: '{\n  "word": "canary"\n}',
      json: true,
    })
    expect(records('message.reveal')).toMatchObject([
      { outcome: 'success', details: { reason: 'a question of a customer', message: id } },
    ])
    expect(JSON.stringify(audit.list({ filter: {}, limit: 100 }).records)).not.toContain('canary')
    await expect(bus.reveal(as(one), id, 'curious')).rejects.toMatchObject({ code: 'SEC_001' })
  })

  it('records no word of a message even where a rule records everything', async () => {
    const rules = `version: "1.0"
policies:
  - id: "all, in full"
    match: { resource_type: Message, resources: ["**"] }
    effect: Allow
    obligations: { audit: full }
`
    const { bus, agent, audit } = openTestBus({ rules })
    const [one, two] = [await agent('One'), await agent('Two')]
    const { id } = await bus.send(as(one), { to: 'Two', payload: text('canary') })
    await bus.receive(as(two), now)
    await bus.reveal(person, id, 'because')
    const records = audit.list({ filter: {}, limit: 100 }).records
    expect(records.map(({ action }) => action)).toEqual(expect.arrayContaining(['bus.send', 'message.reveal']))
    expect(JSON.stringify(records)).not.toContain('canary')
  })

  it('writes as the console', async () => {
    const { bus, agent } = openTestBus()
    const two = await agent('Two')
    expect(await bus.write(person, { to: { kind: 'agent', id: two.id }, payload: text('hi') })).toMatchObject({
      copies: 1,
    })
    expect(await bus.receive(as(two), now)).toMatchObject([{ from: { kind: 'console', name: 'Console' } }])
    expect(bus.identities().map(({ party }) => party.kind)).toContain('console')
  })

  it('filters, pages and follows', async () => {
    const { bus, agent } = openTestBus()
    const [one, two, three] = [await agent('One'), await agent('Two'), await agent('Three')]
    const seen: string[] = []
    const stop = bus.follow({ agentId: three.id })({
      emit: (items) => seen.push(...items.map(({ state }) => state)),
      end: () => undefined,
    })
    for (let n = 0; n < 5; n += 1) await bus.send(as(one), { to: 'Two', payload: text(`${n}`) })
    await bus.send(as(two), { to: 'Three', payload: Buffer.alloc(500, 0x61) })
    await bus.subscribe(as(three), 'news')
    await bus.publish(as(one), { topic: 'news', payload: text('x') })
    const count = (filter: Parameters<typeof bus.list>[0]['filter']) => bus.list({ filter, limit: 100 }).items.length
    expect(count({})).toBe(7)
    expect(count({ agentId: one.id })).toBe(6)
    expect(count({ agentId: two.id, peerId: one.id })).toBe(5)
    expect(count({ topic: 'news' })).toBe(1)
    expect(count({ text: 'NEW' })).toBe(1)
    expect(count({ text: 'three' })).toBe(2)
    expect(count({ types: ['publish'] })).toBe(1)
    expect(count({ states: ['acknowledged'] })).toBe(0)
    expect(count({ minBytes: 100 })).toBe(1)
    expect(count({ sinceMs: 1 })).toBe(7)
    expect(count({ untilMs: 1 })).toBe(0)
    const pages: number[] = []
    for (let before: string | undefined; ; ) {
      const page = bus.list({ filter: {}, limit: 3, ...(before === undefined ? {} : { before }) })
      pages.push(...page.items.map(({ sequence, sender }) => sequence * (sender.id === one.id ? 1 : 100)))
      if (page.next === null) break
      before = page.next
    }
    expect(pages).toEqual([6, 100, 5, 4, 3, 2, 1])
    expect(seen).toEqual(['queued', 'queued'])
    const [message] = await bus.receive(as(three), { max: 1, waitMs: 0 })
    await bus.acknowledge(as(three), [message?.id ?? ''])
    expect(seen).toEqual(['queued', 'queued', 'delivered', 'acknowledged'])
    stop()
    await expect(bus.get(person.correlationId)).rejects.toMatchObject({ code: 'COMM_007' })
  })

  it('tells rates, queues and topics', async () => {
    const { bus, agent } = openTestBus()
    const [one, two] = [await agent('One'), await agent('Two')]
    await bus.subscribe(as(two), 'news')
    await bus.publish(as(one), { topic: 'news', payload: text('x') })
    await bus.send(as(one), { to: 'Two', payload: text('x') })
    await bus.receive(as(two), { max: 1, waitMs: 0 })
    const stats = bus.stats()
    expect(stats).toMatchObject({
      queued: 1,
      unacknowledged: 1,
      queues: [{ party: { name: 'Two' }, queued: 2, capacity: 1000 }],
      topics: [{ name: 'news', subscribers: 1, messages: 1 }],
      cryptoThreads: 1,
    })
    expect(stats.sentPerSecond).toBeGreaterThan(0)
    expect(stats.storedBytes).toBeGreaterThan(0)
  })
})

it('does not open without encryption', () => {
  expect(() => openTestBus({ config: { enableEncryption: false } })).toThrow(
    expect.objectContaining({ code: 'CONFIG_001' }),
  )
})
