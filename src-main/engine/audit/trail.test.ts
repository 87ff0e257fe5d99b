import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, correlation, createMemoryKeyring, openTrail } from './fixtures/open-trail'

const record = { caller: cli, correlationId: correlation(9) }
const logOf = (dir: string): string => join(dir, 'audit', 'anchors', 'checkpoints.log')
const linesOf = (dir: string): string[] => readFileSync(logOf(dir), 'utf8').trimEnd().split('\n')

describe('checkpoints', () => {
  it('A7: come after N records, after a time when there were records, and at a clean stop', async () => {
    const opened = await openTrail({ everyRows: 10 })
    const { trail, append, clock, store, heard } = opened
    const sizes = () => store.all<{ size: number }>('SELECT size FROM audit_checkpoints ORDER BY number')
    await append(10)
    await expect.poll(sizes).toEqual([{ size: 10 }])
    await append(3)
    clock.advance(59_999)
    await trail.proveInclusion(1)
    expect(sizes()).toHaveLength(1)
    clock.advance(1)
    await expect.poll(sizes).toEqual([{ size: 10 }, { size: 13 }])
    clock.advance(600_000)
    await append(2)
    await opened.close()
    const again = await openTrail({ dir: opened.dir, keyring: opened.keyring })
    expect(again.trail.status()).toMatchObject({
      rows: 15,
      checkpoints: 3,
      checkpoint: { number: 3, size: 15 },
      signing: { state: 'signing', backend: 'keyring' },
    })
    expect(await again.trail.verify()).toMatchObject({
      ok: true,
      checked: 15,
      signedToSeq: 15,
      checkpoints: 3,
      notes: [],
    })
    expect(heard.filter(({ topic }) => topic === 'audit.sealed').map(({ payload }) => payload)).toEqual([
      { size: 10 },
      { size: 13 },
      { size: 15 },
    ])
  })

  it('stand in the database and outside it: a file that grows, the keyring, the webhook', async () => {
    const { trail, append, dir, keyring, posted, close } = await openTrail()
    await append(10)
    await expect.poll(() => trail.status().checkpoints).toBe(1)
    await append(5)
    await close()
    expect(linesOf(dir).map((line) => JSON.parse(line).size)).toEqual([10, 15])
    expect(statSync(logOf(dir)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(keyring.entries.get('audit-head:test') ?? '')).toMatchObject({ size: 15 })
    expect(posted.map(({ size }) => size)).toEqual([10, 15])
  })

  it('refuse to be changed or removed, as do keys, tree and seals', async () => {
    const { append, store, close, trail } = await openTrail()
    await append(300)
    await trail.checkpoint()
    for (const table of ['audit', 'audit_checkpoints', 'audit_keys', 'audit_tree', 'audit_segments']) {
      expect(store.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n).toBeGreaterThan(0)
      await expect(store.write((tx) => tx.run(`DELETE FROM ${table}`))).rejects.toMatchObject({ code: 'STORE_001' })
      const column = table === 'audit_tree' ? 'hash' : table === 'audit' ? 'reason' : 'log'
      const value = table === 'audit_tree' ? "x'00'" : "'x'"
      await expect(store.write((tx) => tx.run(`UPDATE ${table} SET ${column} = ${value}`))).rejects.toMatchObject({
        code: 'STORE_001',
      })
    }
    expect(await trail.verify()).toMatchObject({ ok: true })
    await close()
  })

  it('go on when an anchor cannot be told, which the status says', async () => {
    const { trail, append, keyring, clock } = await openTrail()
    keyring.broken = true
    await append(10)
    await expect.poll(() => trail.status().checkpoints).toBe(1)
    await expect
      .poll(() => trail.status().anchors[1])
      .toMatchObject({ name: 'keyring', state: 'unreachable', note: 'locked' })
    expect(await trail.verify()).toMatchObject({
      ok: true,
      anchors: [{ state: 'agrees' }, { state: 'unreachable' }, {}],
    })
    keyring.broken = false
    clock.advance(60_000)
    await append(10)
    await trail.checkpoint()
    expect(trail.status().anchors[1]).toMatchObject({ state: 'agrees', size: 20 })
  })

  it('that cannot be written are made up for later, and no act fails for it', async () => {
    const { trail, append, store } = await openTrail({ everyRows: 100 })
    await store.write((tx) =>
      tx.run(`CREATE TRIGGER full BEFORE INSERT ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'disk full'); END`),
    )
    await append(300)
    await expect(trail.checkpoint()).rejects.toMatchObject({ code: 'STORE_001' })
    await append(300)
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 600, signedToSeq: 0 })
    await store.write((tx) => tx.run('DROP TRIGGER full'))
    await trail.checkpoint()
    expect(await trail.verify()).toMatchObject({ ok: true, signedToSeq: 600 })
    expect(store.get('SELECT count(*) AS n FROM audit_tree')).toEqual({ n: 2 })
    expect(trail.proveInclusion(200)).toMatchObject({ record: { seq: 200 } })
  })

  it('pass over a line of the anchor file that a power cut tore', async () => {
    const first = await openTrail()
    await first.append(10)
    await first.close()
    writeFileSync(logOf(first.dir), `${linesOf(first.dir)[0]?.slice(0, 40)}`, { flag: 'a' })
    const again = await openTrail({ dir: first.dir, keyring: first.keyring })
    await again.append(10)
    await again.trail.checkpoint()
    expect(linesOf(first.dir)).toHaveLength(3)
    expect(await again.trail.verify()).toMatchObject({
      ok: true,
      anchors: [{ name: 'file', state: 'agrees', size: 20 }, {}, {}],
    })
  })
})

describe('the signing key', () => {
  it('rests in the keyring and nowhere else', async () => {
    const { dir, keyring, store, append, close } = await openTrail()
    await append(3)
    const [account = '', text = ''] = [...keyring.entries].find(([name]) => name.startsWith('audit-key:')) ?? []
    expect(account).toMatch(/^audit-key:test:[0-9a-f]{32}$/)
    const seed = Buffer.from(text, 'base64')
    await close()
    const bytes = [store.path, logOf(dir)].map((path) => readFileSync(path))
    for (const content of bytes) {
      expect(content.includes(seed)).toBe(false)
      expect(content.includes(seed.toString('hex'))).toBe(false)
      expect(content.includes(text)).toBe(false)
    }
  })

  it('goes into a file only its owner reads, where there is no keyring, and the status says so', async () => {
    const keyring = createMemoryKeyring()
    keyring.broken = true
    const first = await openTrail({ keyring })
    const { signing } = first.trail.status()
    expect(signing).toMatchObject({ state: 'signing', backend: 'file' })
    expect(signing.note).toContain('Whoever can read that folder')
    expect(statSync(join(first.dir, 'audit', `signing-${signing.keyId}.key`)).mode & 0o777).toBe(0o600)
    await first.append(2)
    await first.close()
    const again = await openTrail({ dir: first.dir, keyring })
    expect(again.trail.status().signing).toEqual(signing)
  })

  it('is not made where neither keyring nor file may hold it: the trail goes on unsigned, and is signed later', async () => {
    const keyring = createMemoryKeyring()
    keyring.broken = true
    const { trail, append, clock } = await openTrail({ keyring, fileFallbackAllowed: false })
    expect(trail.status().signing).toMatchObject({ state: 'unsigned', keyId: null })
    await append(12)
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 12, signedToSeq: 0 })
    keyring.broken = false
    clock.advance(300_000)
    await expect.poll(() => trail.status().signing.state).toBe('signing')
    await trail.checkpoint()
    expect(await trail.verify()).toMatchObject({ ok: true, signedToSeq: 12 })
  })

  it('A8: is rotated by an entry that both keys sign; the old one is forgotten and its checkpoints verify on', async () => {
    const { trail, append, keyring, store } = await openTrail()
    await append(10)
    const before = trail.status().signing.keyId
    const keyId = await trail.rotateKey(record, 'every quarter')
    expect(keyId).not.toBe(before)
    expect([...keyring.entries.keys()].filter((name) => name.startsWith('audit-key:'))).toEqual([
      `audit-key:test:${keyId}`,
    ])
    await append(5)
    await trail.checkpoint()
    const [rotated] = trail.list({ filter: { action: 'audit.key_rotated' }, limit: 5 }).records
    expect(rotated).toMatchObject({
      actor: { kind: 'cli', id: 'ada' },
      reason: 'every quarter',
      severity: 'notice',
      details: { old: before, new: keyId, statement: { signatures: [{ keyId }, { keyId: before }] } },
    })
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 16, signedToSeq: 16, notes: [] })
    expect(store.all('SELECT DISTINCT key_id FROM audit_checkpoints ORDER BY number')).toHaveLength(2)
  })

  it('when lost, gives way to a new log that states where the old one ended', async () => {
    const first = await openTrail()
    await first.append(10)
    await first.close()
    for (const name of first.keyring.entries.keys())
      if (name.startsWith('audit-key:')) first.keyring.entries.delete(name)
    const again = await openTrail({ dir: first.dir, keyring: first.keyring })
    expect(again.trail.status().signing).toMatchObject({ state: 'signing' })
    const [begun] = again.trail.list({ filter: { action: 'audit.log_started' }, limit: 1 }).records
    expect(begun?.details['statement']).toMatchObject({ why: 'restarted', previous: { size: 10 } })
    const verdict = await again.trail.verify()
    expect(verdict).toMatchObject({ ok: true, checked: 11 })
    expect(verdict.notes[0]).toContain('lost')
  })
})

describe('a contradiction at the start', () => {
  it('stops the signing, is recorded, and stays until a person begins a new log', async () => {
    const first = await openTrail()
    await first.append(5)
    await first.close()
    const copy = readFileSync(first.store.path)
    const second = await openTrail({ dir: first.dir, keyring: first.keyring })
    await second.append(20)
    await second.close()
    writeFileSync(first.store.path, copy)
    second.clock.advance(5)

    const third = await openTrail({ dir: first.dir, keyring: first.keyring, clock: second.clock })
    expect(third.trail.status().signing).toMatchObject({ state: 'refusing' })
    expect(third.trail.list({ filter: {}, limit: 1 }).records[0]).toMatchObject({
      action: 'audit.contradicted',
      severity: 'critical',
      code: 'AUDIT_002',
    })
    expect(await third.trail.verify()).toMatchObject({ ok: false, tampering: 'rolled-back', firstBadSeq: 6 })
    await expect(third.trail.rotateKey(record, 'anyway')).rejects.toMatchObject({ code: 'AUDIT_004' })
    await third.append(30)
    third.clock.advance(1)
    expect(third.trail.status().checkpoints).toBe(1)

    await third.trail.startNewLog(record, 'restored the backup of Monday')
    await third.append(3)
    await third.trail.checkpoint()
    const verdict = await third.trail.verify()
    expect(verdict).toMatchObject({ ok: true, signedToSeq: 40 })
    expect(verdict.notes.join(' ')).toContain('restored the backup of Monday')
    await third.close()
    const fourth = await openTrail({ dir: first.dir, keyring: first.keyring })
    expect(fourth.trail.status().signing).toMatchObject({ state: 'signing' })
    expect(await fourth.trail.verify()).toMatchObject({ ok: true })
  })

  it('there is nothing to accept while all agree', async () => {
    const { trail } = await openTrail()
    await expect(trail.startNewLog(record, 'for fun')).rejects.toMatchObject({ code: 'AUDIT_004' })
  })
})

describe('proofs', () => {
  it('A9: are given for every record that a checkpoint covers, and for every pair of checkpoints', async () => {
    const { trail, append, store } = await openTrail({ everyRows: 70 })
    for (let n = 0; n < 12; n += 1) {
      await append(70)
      await expect.poll(() => trail.status().checkpoints).toBe(n + 1)
    }
    for (const seq of [1, 2, 255, 256, 257, 511, 512, 513, 769, 839, 840])
      expect(trail.proveInclusion(seq)).toMatchObject({ kind: 'inclusion', record: { seq }, checkpoint: { size: 840 } })
    for (const from of [70, 280, 490, 840])
      expect(trail.proveConsistency(from)).toMatchObject({ from: { size: from }, to: { size: 840 } })
    expect(trail.proveConsistency(140, 560)).toMatchObject({ from: { size: 140 }, to: { size: 560 } })
    expect(store.all('SELECT level, idx FROM audit_tree')).toEqual([0, 1, 2].map((idx) => ({ level: 8, idx })))
    await append(1)
    expect(() => trail.proveInclusion(841)).toThrow(expect.objectContaining({ code: 'AUDIT_003' }))
    expect(() => trail.proveInclusion(9999)).toThrow(expect.objectContaining({ code: 'AUDIT_003' }))
    expect(() => trail.proveConsistency(71)).toThrow(expect.objectContaining({ code: 'AUDIT_003' }))
  })

  it('are not given over a tree that was tampered with', async () => {
    const { trail, append, store } = await openTrail()
    await append(300)
    await trail.checkpoint()
    await store.write((tx) => {
      tx.run('DROP TRIGGER audit_tree_no_update')
      tx.run("UPDATE audit_tree SET hash = x'00'")
    })
    expect(() => trail.proveInclusion(280)).toThrow(expect.objectContaining({ code: 'AUDIT_002' }))
  })
})
