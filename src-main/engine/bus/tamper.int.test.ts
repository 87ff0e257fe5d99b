import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SqlParams } from '../store'
import { as, openTestBus, person, type TestBus, text, until } from './fixtures/bus-fixture'

const now = { max: 100, waitMs: 0 }

/** Somebody who can write to the database, and has all the time in the world. */
const forge = async (host: TestBus, statement: string, params: SqlParams = {}): Promise<void> => {
  await host.store.write((tx) => {
    tx.run('DROP TRIGGER message_parcels_immutable')
    expect(tx.run(statement, params)).toBeGreaterThan(0)
  })
}

/** One message from One to Two, acknowledged or not, and then the engine is off. */
const oneSent = async (options: { acknowledged?: boolean; signing?: 'single' | 'batch' } = {}) => {
  const host = openTestBus(options.signing === undefined ? {} : { signing: options.signing })
  const [one, two, three] = [await host.agent('One'), await host.agent('Two'), await host.agent('Three')]
  await host.bus.send(as(three), { to: 'Two', payload: text('of three') })
  const [other] = await host.bus.receive(as(two), now)
  await host.bus.acknowledge(as(two), [other?.id ?? ''])
  const { id } = await host.bus.send(as(one), { to: 'Two', payload: text('of one') })
  if (options.acknowledged === true) {
    await host.bus.receive(as(two), now)
    await host.bus.acknowledge(as(two), [id])
  }
  return { ...host, one, two, three, id }
}

/** It is refused with this code, recorded, kept as a dead letter and given to nobody. */
const expectRefused = async (host: TestBus, receiver: Parameters<typeof as>[0], code: string): Promise<void> => {
  expect(await host.bus.receive(as(receiver), now)).toEqual([])
  await until(() => host.records('bus.refuse').length === 1, 'the refusal')
  expect(host.records('bus.refuse')).toMatchObject([{ outcome: 'denied', code }])
  await until(() => host.bus.stats().deadLetters === 1, 'the dead letter')
  expect(host.bus.deadLetters({ limit: 10 }).items).toMatchObject([{ reason: 'does-not-verify', code }])
  expect(host.bus.stats()).toMatchObject({ queued: 0, unacknowledged: 0, refusedLastHour: 1 })
}

describe('a message that was changed on the disk', () => {
  it.each(['single', 'batch'] as const)('is given as it was sent when nothing was changed (%s)', async (signing) => {
    const { close, dir, two } = await oneSent({ signing })
    await close()
    const host = openTestBus({ dir })
    expect(await host.bus.receive(as(two), now)).toMatchObject([{ from: { name: 'One' }, payload: text('of one') }])
  })

  /** Places in the header, behind the 14 bytes before it: a byte of each field that a header can still be read with. */
  const FIELDS = {
    type: 8,
    id: 20,
    group: 40,
    'sender key version': 71,
    'recipient key version': 95,
    'sent at': 115,
    'time to live': 125,
    correlation: 135,
  } as const
  it.each(Object.entries(FIELDS))('is refused when its %s is another (B4)', async (_field, at) => {
    const { close, dir, two } = await oneSent()
    await close()
    const before = openTestBus({ dir })
    const row = before.store.get<{ num: number; heads: Buffer }>(
      'SELECT num, heads FROM message_parcels ORDER BY num DESC LIMIT 1',
    )
    const heads = Buffer.from(row?.heads ?? [])
    heads.writeUInt8(heads.readUInt8(14 + at) ^ 1, 14 + at)
    await forge(before, 'UPDATE message_parcels SET heads = :heads WHERE num = :num', { heads, num: row?.num ?? 0 })
    await before.close()
    await expectRefused(openTestBus({ dir }), two, 'COMM_003')
  })

  it.each(['single', 'batch'] as const)('is refused when a byte of its inside is another (%s, B4)', async (signing) => {
    const { close, dir, two } = await oneSent({ signing })
    await close()
    const before = openTestBus({ dir })
    const row = before.store.get<{ num: number; bodies: Buffer }>(
      'SELECT num, bodies FROM message_parcels ORDER BY num DESC LIMIT 1',
    )
    const bodies = Buffer.from(row?.bodies ?? [])
    bodies.writeUInt8(bodies.readUInt8(40) ^ 1, 40)
    await forge(before, 'UPDATE message_parcels SET bodies = :bodies WHERE num = :num', { bodies, num: row?.num ?? 0 })
    await before.close()
    const host = openTestBus({ dir })
    expect(await host.bus.get(host.bus.list({ filter: {}, limit: 1 }).items[0]?.id ?? '')).toMatchObject({
      verification: { signature: 'invalid' },
    })
    await expectRefused(host, two, 'COMM_003')
    const [letter] = host.bus.deadLetters({ limit: 1 }).items
    await expect(host.bus.replay(person, [letter?.header.id ?? ''])).rejects.toMatchObject({ code: 'COMM_003' })
    await expect(host.bus.reveal(person, letter?.header.id ?? '', 'because')).rejects.toMatchObject({
      code: 'COMM_003',
    })
  })

  it('is refused when it claims another sender (B2)', async () => {
    const { close, dir, two, one, three, bus } = await oneSent()
    // Both come to the same sequence, and that of three to two is not settled: only the signature can tell.
    await bus.receive(as(two), now)
    await bus.acknowledge(
      as(two),
      bus.list({ filter: { states: ['delivered'] }, limit: 1 }).items.map(({ id }) => id),
    )
    await bus.send(as(three), { to: 'One', payload: text('x') })
    await bus.send(as(one), { to: 'Two', payload: text('of one') })
    await bus.receive(as(one), now)
    await bus.acknowledge(
      as(one),
      bus.list({ filter: { agentId: three.id }, limit: 1 }).items.map(({ id }) => id),
    )
    await close()
    const before = openTestBus({ dir })
    const row = before.store.get<{ num: number; heads: Buffer }>(
      'SELECT num, heads FROM message_parcels ORDER BY num DESC LIMIT 1',
    )
    const raw = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')
    const heads = Buffer.from(row?.heads ?? [])
    const at = heads.indexOf(raw(one.id))
    expect(at).toBeGreaterThan(0)
    raw(three.id).copy(heads, at)
    await forge(before, 'UPDATE message_parcels SET heads = :heads WHERE num = :num', { heads, num: row?.num ?? 0 })
    await before.close()
    await expectRefused(openTestBus({ dir }), two, 'COMM_003')
  })

  it('is refused when the registry holds another key for its sender (B2)', async () => {
    const { close, dir, two, one } = await oneSent()
    await close()
    const before = openTestBus({ dir })
    await forge(
      before,
      `UPDATE message_keys SET signing_public = zeroblob(32) WHERE party = (SELECT num FROM message_parties WHERE id = :id)`,
      { id: one.id },
    )
    await before.close()
    await expectRefused(openTestBus({ dir }), two, 'COMM_003')
  })

  it('is refused when it is signed with a key that was retired before (B7)', async () => {
    const { close, dir, two, one, bus } = await oneSent()
    await bus.rotateKeys(person, one.id, 'a drill')
    await close()
    const before = openTestBus({ dir })
    await forge(before, 'UPDATE message_keys SET retired_after = 0 WHERE retired_after IS NOT NULL')
    await before.close()
    await expectRefused(openTestBus({ dir }), two, 'COMM_003')
  })
})

describe('a message that comes a second time', () => {
  it('is refused when it was acknowledged before and is open again (B8)', async () => {
    const { close, dir, two } = await oneSent({ acknowledged: true })
    await close()
    const before = openTestBus({ dir })
    const newest = 'SELECT max(num) FROM message_parcels'
    await forge(before, `UPDATE message_states SET open = 1, states = zeroblob(16) WHERE parcel = (${newest})`)
    await before.close()
    await expectRefused(openTestBus({ dir }), two, 'COMM_004')
  })

  it('is refused when it is there twice, and the first is given (B8)', async () => {
    const { close, dir, two } = await oneSent()
    await close()
    const before = openTestBus({ dir })
    await forge(
      before,
      `INSERT INTO message_parcels SELECT num + 1, at, randomblob(16), heads, bodies
       FROM message_parcels ORDER BY num DESC LIMIT 1`,
    )
    await before.store.write((tx) => {
      tx.run('INSERT INTO message_states SELECT max(num), 1, zeroblob(16) FROM message_parcels')
    })
    await before.close()
    const host = openTestBus({ dir })
    await until(() => host.records('bus.refuse').length === 1, 'the refusal')
    expect(host.records('bus.refuse')).toMatchObject([{ code: 'COMM_004' }])
    expect(await host.bus.receive(as(two), now)).toMatchObject([{ payload: text('of one') }])
    await host.close()
    const again = openTestBus({ dir })
    expect(await again.bus.receive(as(two), now)).toMatchObject([{ payload: text('of one'), attempt: 2 }])
  })
})

describe('the data folder', () => {
  const filesWith = (dir: string, needle: string): string[] =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.[a-z-]+$/.test(name) && readFileSync(join(dir, name)).includes(needle),
    )

  it('never holds a word of a message (B1)', async () => {
    const host = openTestBus()
    const [one, two] = [await host.agent('One'), await host.agent('Two')]
    const canary = 'canary-7f3a9'
    await host.bus.subscribe(as(two), 'news')
    const { id } = await host.bus.send(as(one), { to: 'Two', payload: text(canary), ttlMs: 1000 })
    await Promise.all([1, 2, 3].map(() => host.bus.publish(as(one), { topic: 'news', payload: text(canary) })))
    await host.bus.receive(as(two), { max: 2, waitMs: 0 })
    await host.bus.reveal(person, id, 'because')
    await expect(host.bus.send(as(one), { to: 'Nobody', payload: text(canary) })).rejects.toThrow()
    // What is looked for can be found: names are there, in the database or in the log before it.
    expect(filesWith(host.dir, 'agents exchange messages').length).toBeGreaterThan(0)
    expect(filesWith(host.dir, 'topic/news').length).toBeGreaterThan(0)
    expect(readdirSync(host.dir)).toContain('symbi.db-wal')
    expect(filesWith(host.dir, canary)).toEqual([])
    await host.close()
    expect(filesWith(host.dir, canary)).toEqual([])
  })
})
