import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditVerification } from '@contract'
import BetterSqlite from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../core'
import { openReader } from '../store'
import { tempDir } from '../testing/temp-dir'
import { type AuditRow, hashOf } from './audit-row'
import { checkpointHash, signCheckpoint } from './checkpoint'
import { type Opened, openTrail } from './fixtures/open-trail'
import { signingKeyOf } from './signing'
import { verifyTrail } from './verify-trail'

const RECORDS = 60

/** A closed trail of 60 records with a checkpoint after every ten. */
const makeTrail = async (): Promise<{ opened: Opened }> => {
  const opened = await openTrail({ everyRows: 10 })
  for (let n = 1; n <= RECORDS / 10; n += 1) {
    opened.clock.advance(1_000)
    await opened.append(10)
    await opened.trail.checkpoint()
  }
  await opened.close()
  return { opened }
}

const raw = (path: string): BetterSqlite.Database => {
  const db = new BetterSqlite(path)
  for (const { name } of db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all() as {
    name: string
  }[])
    db.exec(`DROP TRIGGER ${name}`)
  return db
}

/** What a verification beside the engine says, with every anchor; `tamper` gets an unguarded connection. */
const verdictAfter = async (
  { dir, store, anchors }: Opened,
  tamper: (db: BetterSqlite.Database) => void,
): Promise<AuditVerification> => {
  const kept = readFileSync(store.path)
  const db = raw(store.path)
  tamper(db)
  db.close()
  const reader = openReader({ dir })
  const verdict = await verifyTrail({ sql: reader, clock: systemClock, anchors })
  reader.close()
  writeFileSync(store.path, kept)
  return verdict
}

const rowsOf = (db: BetterSqlite.Database): AuditRow[] =>
  db.prepare('SELECT * FROM audit ORDER BY seq').all() as AuditRow[]

const rewrite = (db: BetterSqlite.Database, row: AuditRow): void => {
  const names = Object.keys(row)
  db.prepare(`INSERT OR REPLACE INTO audit (${names.join()}) VALUES (${names.map((name) => `:${name}`).join()})`).run(
    row,
  )
}

/** Chain everything from `from` on again, so that the chain by itself is sound. */
const rechain = (db: BetterSqlite.Database, from: number): void => {
  let prev = (db.prepare('SELECT hash FROM audit WHERE seq = ?').get(from - 1) as { hash: string }).hash
  for (const row of rowsOf(db).filter(({ seq }) => seq >= from)) {
    const chained = { ...row, prev_hash: prev }
    prev = hashOf(chained) ?? ''
    rewrite(db, { ...chained, hash: prev })
  }
}

describe('A5: the seven classes of tampering', () => {
  it('are each told apart, with the first bad record, and an untouched trail is whole', async () => {
    const { opened } = await makeTrail()
    expect(await verdictAfter(opened, () => undefined)).toMatchObject({
      ok: true,
      checked: RECORDS,
      signedToSeq: RECORDS,
      checkpoints: 6,
      anchors: [{ name: 'file', state: 'agrees' }, { name: 'keyring', state: 'agrees' }, { state: 'empty' }],
    })

    expect(
      await verdictAfter(opened, (db) => db.prepare("UPDATE audit SET reason = 'x' WHERE seq = 23").run()),
    ).toMatchObject({ tampering: 'edited', firstBadSeq: 23 })

    expect(await verdictAfter(opened, (db) => db.prepare('DELETE FROM audit WHERE seq = 31').run())).toMatchObject({
      tampering: 'deleted',
      firstBadSeq: 31,
    })

    expect(
      await verdictAfter(opened, (db) => {
        db.prepare('UPDATE audit SET seq = seq + 1000 WHERE seq > 17').run()
        db.prepare('UPDATE audit SET seq = seq - 999 WHERE seq > 1000').run()
        const row = { ...(rowsOf(db)[16] as AuditRow), seq: 18, action: 'forged' }
        const linked = { ...row, prev_hash: row.hash }
        rewrite(db, { ...linked, hash: hashOf(linked) ?? '' })
      }),
    ).toMatchObject({ tampering: 'inserted', firstBadSeq: 18 })

    expect(
      await verdictAfter(opened, (db) => {
        const move = db.prepare('UPDATE audit SET seq = ? WHERE seq = ?')
        move.run(9999, 12)
        move.run(12, 44)
        move.run(44, 9999)
      }),
    ).toMatchObject({ tampering: 'swapped', firstBadSeq: 12 })

    expect(await verdictAfter(opened, (db) => db.exec('DELETE FROM audit WHERE seq > 50'))).toMatchObject({
      tampering: 'truncated',
      firstBadSeq: 51,
    })

    expect(
      await verdictAfter(opened, (db) =>
        db.exec('DELETE FROM audit WHERE seq > 50; DELETE FROM audit_checkpoints WHERE size > 50'),
      ),
    ).toMatchObject({ tampering: 'truncated', firstBadSeq: 51 })

    expect(
      await verdictAfter(opened, (db) => {
        db.prepare("UPDATE audit SET reason = 'never happened' WHERE seq = 37").run()
        rechain(db, 37)
      }),
    ).toMatchObject({ tampering: 'rebuilt', firstBadSeq: 31, suspectToSeq: 40 })
  })

  it('rolled back: the whole database was replaced by an older copy', async () => {
    const opened = await openTrail({ everyRows: 10 })
    await opened.append(20)
    await opened.trail.checkpoint()
    await opened.close()
    const copy = readFileSync(opened.store.path)
    const again = await openTrail({ dir: opened.dir, keyring: opened.keyring, clock: opened.clock })
    again.clock.advance(1_000)
    await again.append(15)
    await again.close()
    const verdict = await verdictAfter(again, () => writeFileSync(opened.store.path, copy))
    expect(verdict).toMatchObject({
      tampering: 'rolled-back',
      firstBadSeq: 21,
      anchors: [{ name: 'file', state: 'contradicts' }, {}, {}],
    })
    // One anchor is enough.
    for (const anchor of again.anchors.slice(0, 2)) {
      const alone = await verdictAfter({ ...again, anchors: [anchor] }, () => writeFileSync(opened.store.path, copy))
      expect(alone).toMatchObject({ tampering: 'rolled-back', firstBadSeq: 21 })
    }
  })

  it('rebuilt without the key: with the checkpoints removed, or signed with a key of the forger', async () => {
    const { opened } = await makeTrail()
    const forge = (db: BetterSqlite.Database): void => {
      db.prepare("UPDATE audit SET reason = 'never happened' WHERE seq = 37").run()
      rechain(db, 37)
    }
    expect(
      await verdictAfter(opened, (db) => {
        forge(db)
        db.exec('DELETE FROM audit_checkpoints WHERE size > 36; DELETE FROM audit_tree; DELETE FROM audit_text')
      }),
    ).toMatchObject({ tampering: 'rebuilt', firstBadSeq: 31 })

    const forger = signingKeyOf(Buffer.alloc(32, 7))
    expect(
      await verdictAfter({ ...opened, anchors: [] }, (db) => {
        const last = db.prepare('SELECT * FROM audit_checkpoints WHERE number = 5').get() as Record<string, string>
        const { signature } = signCheckpoint(forger, {
          number: 5,
          log: last['log'] ?? '',
          size: Number(last['size']),
          root: last['root'] ?? '',
          lastHash: last['last_hash'] ?? '',
          atMs: Number(last['at']),
          keyId: last['key_id'] ?? '',
          prev: last['prev'] ?? null,
        })
        db.prepare('UPDATE audit_checkpoints SET signature = ? WHERE number = 5').run(signature)
        db.prepare('DELETE FROM audit_checkpoints WHERE number = 6').run()
      }),
    ).toMatchObject({ tampering: 'forged-checkpoint', firstBadSeq: 41, suspectToSeq: 50 })
  })

  it('is seen by the running engine even where no checkpoint covers it yet', async () => {
    const opened = await openTrail({ everyRows: 1_000 })
    await opened.append(20)
    const db = raw(opened.store.path)
    onTestFinished(() => void db.close())
    expect(await opened.trail.verify()).toMatchObject({ ok: true, checked: 20, signedToSeq: 0 })
    db.prepare("UPDATE audit SET reason = 'x' WHERE seq = 20").run()
    rechain(db, 20)
    expect(await opened.trail.verify()).toMatchObject({ ok: false, tampering: 'edited', suspectToSeq: 20 })
    db.exec('DELETE FROM audit WHERE seq > 18')
    expect(await opened.trail.verify()).toMatchObject({ ok: false, tampering: 'truncated', firstBadSeq: 19 })
  })

  it('finds a checkpoint, a key or a seal that was changed', async () => {
    const { opened } = await makeTrail()
    for (const change of [
      'UPDATE audit_checkpoints SET at = at + 1 WHERE number = 3',
      'UPDATE audit_checkpoints SET root = hex(randomblob(32)) WHERE number = 6',
      'DELETE FROM audit_checkpoints WHERE number = 2',
      "UPDATE audit_keys SET statement = replace(statement, 'first', 'restarted')",
      "UPDATE audit_keys SET public_key = '00'",
      'DELETE FROM audit_keys',
    ])
      expect([change, (await verdictAfter(opened, (db) => db.exec(change))).ok]).toEqual([change, false])
  })
})

describe('a thousand flipped bytes', () => {
  const FIELDS = [
    'correlation_id',
    'actor_kind',
    'actor_id',
    'action',
    'resource',
    'outcome',
    'reason',
    'details',
    'prev_hash',
    'hash',
    'boot_id',
  ]

  it('in the fields of records: each is found at its record', async () => {
    const { opened } = await makeTrail()
    const db = raw(opened.store.path)
    onTestFinished(() => void db.close())
    db.exec('CREATE TEMP TABLE kept AS SELECT * FROM audit')
    const reader = openReader({ dir: opened.dir })
    onTestFinished(() => reader.close())
    const flip = fc.record({
      seq: fc.integer({ min: 1, max: RECORDS }),
      field: fc.constantFrom(...FIELDS),
      at: fc.nat(),
      mask: fc.integer({ min: 1, max: 255 }),
    })
    let missed = 0
    await fc.assert(
      fc.asyncProperty(flip, async ({ seq, field, at, mask }) => {
        const { value } = db.prepare(`SELECT CAST(${field} AS BLOB) AS value FROM audit WHERE seq = ?`).get(seq) as {
          value: Buffer
        }
        const flipped = Buffer.from(value)
        const index = at % flipped.length
        flipped.writeUInt8(flipped.readUInt8(index) ^ mask, index)
        db.prepare(`UPDATE audit SET ${field} = CAST(? AS TEXT) WHERE seq = ?`).run(flipped, seq)
        const verdict = await verifyTrail({ sql: reader, clock: systemClock })
        db.exec(`DELETE FROM audit WHERE seq = ${seq}; INSERT INTO audit SELECT * FROM kept WHERE seq = ${seq}`)
        if (verdict.ok) missed += 1
        expect(verdict).toMatchObject({ ok: false, tampering: 'edited', firstBadSeq: seq })
      }),
      { numRuns: 500 },
    )
    expect(missed).toBe(0)
    expect(await verifyTrail({ sql: reader, clock: systemClock })).toMatchObject({ ok: true })
  }, 60_000)

  it('in the bytes of the file: each that changes what is read is found, at that record or as damage', async () => {
    const { opened } = await makeTrail()
    const dir = tempDir()
    const path = join(dir, 'symbi.db')
    const db = new BetterSqlite(opened.store.path)
    // So that no remains of the many small writes stand in the file.
    db.prepare('VACUUM INTO ?').run(path)
    const rows = rowsOf(db)
    db.close()
    const whole = readFileSync(path)
    /** Where the cell of each record lies; the first page keeps dead copies of some. From a few bytes of header before its first text to the end of its hash. */
    const cells = rows.map((row) => {
      const start = whole.lastIndexOf(`${row.correlation_id}${row.actor_kind}${row.actor_id}`)
      const end = whole.indexOf(row.boot_id ?? '', start)
      return { seq: row.seq, start: start - 20, end: end + (row.boot_id ?? '').length }
    })
    expect(cells.every(({ start, end }) => start > 0 && end > start)).toBe(true)
    const flip = fc.record({
      cell: fc.constantFrom(...cells),
      at: fc.noBias(fc.nat()),
      mask: fc.integer({ min: 1, max: 255 }),
    })
    let found = 0
    let damaged = 0
    let same = 0
    await fc.assert(
      fc.asyncProperty(flip, async ({ cell, at, mask }) => {
        const bytes = Buffer.from(whole)
        const offset = cell.start + (at % (cell.end - cell.start))
        bytes.writeUInt8(bytes.readUInt8(offset) ^ mask, offset)
        writeFileSync(path, bytes)
        rmSync(`${path}-wal`, { force: true })
        const reader = openReader({ dir })
        const verdict = await verifyTrail({ sql: reader, clock: systemClock })
        const unchanged = JSON.stringify(readSafely(reader)) === JSON.stringify(rows)
        reader.close()
        if (unchanged) {
          same += 1
          return
        }
        expect(verdict).toMatchObject({ ok: false })
        if (verdict.tampering === 'unreadable') damaged += 1
        else {
          expect(Math.abs((verdict.firstBadSeq ?? 0) - cell.seq)).toBeLessThanOrEqual(1)
          found += 1
        }
      }),
      { numRuns: 500 },
    )
    expect(found + damaged + same).toBe(500)
    expect(found).toBeGreaterThan(400)
    // The only byte of a cell that says nothing is in its length.
    expect(same).toBeLessThan(20)
  }, 60_000)
})

/** Every record as it can be read now; null when the database is damaged. */
const readSafely = (reader: ReturnType<typeof openReader>): AuditRow[] | null => {
  const one = (seq: number): AuditRow | undefined =>
    reader.get<AuditRow>('SELECT * FROM audit WHERE seq = :seq', { seq })
  const rows: (AuditRow | undefined)[] = []
  for (let seq = 1; seq <= RECORDS; seq += 1) rows.push(settle(() => one(seq)))
  return rows.every((row) => row !== undefined) ? (rows as AuditRow[]) : null
}

const settle = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch {
    return undefined
  }
}

describe('the hash of a checkpoint', () => {
  it('covers its signature', () => {
    const base = { number: 1, log: 'l', size: 1, root: 'r', lastHash: 'h', atMs: 1, keyId: 'k', prev: null }
    expect(checkpointHash({ ...base, signature: '00' })).not.toBe(checkpointHash({ ...base, signature: '01' }))
    expect(checkpointHash({ ...base, signature: '00' })).toBe(checkpointHash({ ...base, signature: '00' }))
  })
})
