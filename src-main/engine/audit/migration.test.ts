import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEvents, createRedactor, silentLog, systemClock } from '../core'
import { migrations, openStore } from '../store'
import { tempDir } from '../testing/temp-dir'
import { createAudit } from './audit'
import { cli, correlation, entry, openTrail } from './fixtures/open-trail'
import { GENESIS_HASH, recordHash } from './record-hash'

/** The table as version 10 made it, with records in its encoding. */
const oldDatabase = async (dir: string, records: number): Promise<void> => {
  const before = migrations.filter(({ version }) => version < 30)
  await openStore({ dir, clock: systemClock, log: silentLog, migrations: before }).close()
  const db = new BetterSqlite(join(dir, 'symbi.db'))
  let prev = GENESIS_HASH
  for (let seq = 1; seq <= records; seq += 1) {
    const hash = recordHash({
      seq,
      atMs: seq,
      correlationId: correlation(seq),
      actorKind: 'cli',
      actorId: 'ada',
      action: 'agent.create',
      resource: 'Agent hello',
      outcome: 'success',
      code: null,
      reason: 'because',
      detailsText: '{}',
      prevHash: prev,
    })
    db.prepare(
      `INSERT INTO audit VALUES (?, ?, ?, 'cli', 'ada', 'agent.create', 'Agent hello', 'success', NULL, 'because', '{}', ?, ?)`,
    ).run(seq, seq, correlation(seq), prev, hash)
    prev = hash
  }
  db.close()
}

describe('a trail of the version before', () => {
  it('A3: verifies on, goes on in the new encoding, and is signed as a whole', async () => {
    const dir = tempDir()
    await oldDatabase(dir, 700)
    const { trail, append } = await openTrail({ dir })
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 700 })
    await append(5)
    await trail.checkpoint()
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 705, signedToSeq: 705 })
    const records = trail.list({ filter: {}, limit: 6 }).records
    expect(records.map(({ boot }) => boot === null)).toEqual([false, false, false, false, false, true])
    expect(trail.proveInclusion(3)).toMatchObject({ record: { seq: 3, boot: null } })
    await expect.poll(() => trail.list({ filter: { text: 'hello' }, limit: 1 }).total).toBe(705)
  })

  it('is found by agent as before, since the records that were there are indexed on the way', async () => {
    const dir = tempDir()
    const before = migrations.filter(({ version }) => version < 110)
    const store = openStore({ dir, clock: systemClock, log: silentLog, migrations: before })
    const events = createEvents((error) => expect.fail(String(error)))
    const audit = createAudit({ store, clock: systemClock, events, redactor: createRedactor('') })
    await store.write((tx) => {
      for (let n = 1; n <= 30; n += 1) audit.append(tx, entry({ details: n % 3 === 0 ? { agentId: 'a' } : { n } }))
    })
    await store.close()
    const { trail, append } = await openTrail({ dir })
    await append(3, () => ({ details: { agentId: 'a' } }))
    const found = trail.list({ filter: { agentId: 'a' }, limit: 50 }).records.map(({ seq }) => seq)
    expect(found).toEqual([33, 32, 31, 30, 27, 24, 21, 18, 15, 12, 9, 6, 3])
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 33 })
  })

  it('shows when a new record is made to look like an old one, or an old one like a new one', async () => {
    const dir = tempDir()
    await oldDatabase(dir, 3)
    const store = openStore({ dir, clock: systemClock, log: silentLog })
    onTestFinished(() => store.close())
    const events = createEvents((error) => expect.fail(String(error)))
    const audit = createAudit({ store, clock: systemClock, events, redactor: createRedactor('') })
    await store.write((tx) => audit.append(tx, entry({ caller: cli })))
    await store.write((tx) => tx.run('DROP TRIGGER audit_no_update'))
    for (const [seq, change, back] of [
      [4, 'version = 1', 'version = 2'],
      [2, 'version = 2', 'version = 1'],
      [2, "boot_id = 'x', mono = 1", 'boot_id = NULL, mono = NULL'],
      [2, "version = 2, boot_id = 'x', mono = 1", 'version = 1, boot_id = NULL, mono = NULL'],
      [4, 'mono = mono + 1', 'mono = mono - 1'],
      [4, 'version = 3', 'version = 2'],
    ] as const) {
      await store.write((tx) => tx.run(`UPDATE audit SET ${change} WHERE seq = ${seq}`))
      expect([change, await audit.verify()]).toMatchObject([change, { tampering: 'edited', firstBadSeq: seq }])
      await store.write((tx) => tx.run(`UPDATE audit SET ${back} WHERE seq = ${seq}`))
      expect(await audit.verify()).toMatchObject({ ok: true })
    }
  })
})
