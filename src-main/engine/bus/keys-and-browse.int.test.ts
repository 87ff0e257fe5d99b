import { describe, expect, it } from 'vitest'
import { createManualClock, RuntimeError } from '../core'
import { as, openTestBus, person, text, until } from './fixtures/bus-fixture'

const now = { max: 100, waitMs: 0 }
const words = (messages: readonly { payload: Buffer }[]): string[] =>
  messages.map(({ payload }) => JSON.parse(payload.toString('utf8')) as string)

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

  it('are renewed by themselves when they are old, and go when nothing needs them (B7)', async () => {
    const clock = createManualClock()
    const config = { keyRotationMs: 50_000, messageRetentionMs: 1000 }
    const { bus, agent, store } = openTestBus({ clock, config })
    const [one, two] = [await agent('One'), await agent('Two')]
    const { id } = await bus.send(as(one), { to: 'Two', payload: text('old') })
    const waiting = await bus.send(as(one), { to: 'Two', payload: text('waits'), ttlMs: 604_800_000 })
    await bus.receive(as(two), { max: 1, waitMs: 0 })
    await bus.acknowledge(as(two), [id])
    const versions = () => bus.identities().map(({ keyVersion }) => keyVersion)
    const first = () =>
      store.get<{ n: number }>(
        'SELECT count(*) AS n FROM message_keys WHERE version = 1 AND sealed_private IS NOT NULL',
      )?.n
    clock.advance(60_000)
    await until(() => versions().every((version) => version === 2), 'the renewal')
    // What was read is gone by now, what was not read is there and can still be opened.
    await expect(bus.get(id)).rejects.toMatchObject({ code: 'COMM_007' })
    expect(first()).toBe(2)
    expect(words(await bus.receive(as(two), now))).toEqual(['waits'])
    await bus.acknowledge(as(two), [waiting.id])
    await until(() => {
      clock.advance(600_000)
      return first() === 0
    }, 'the end of the old keys')
    await bus.send(as(one), { to: 'Two', payload: text('new') })
    expect(words(await bus.receive(as(two), now))).toEqual(['new'])
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
