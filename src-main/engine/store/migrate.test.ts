import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock, silentLog } from '../core'
import { tempDir } from '../testing/temp-dir'
import { type Migration, migrations as shipped } from './migrations'
import { openStore, type Store } from './store'

const one: Migration = { version: 10, name: 'one', sql: 'CREATE TABLE notes (text TEXT NOT NULL) STRICT;' }
const two: Migration = {
  version: 20,
  name: 'two',
  sql: "ALTER TABLE notes ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';",
}
const failing: Migration = {
  version: 20,
  name: 'failing',
  sql: 'ALTER TABLE notes ADD COLUMN mood TEXT; DELETE FROM notes; INSERT INTO nowhere VALUES (1);',
}

const open = (dir: string, migrations: readonly Migration[]): Store => {
  const store = openStore({ dir, clock: createManualClock(5000), log: silentLog, migrations })
  onTestFinished(() => store.close())
  return store
}

const withNote = async (dir: string): Promise<void> => {
  const store = open(dir, [one])
  await store.write((tx) => tx.run("INSERT INTO notes (text) VALUES ('kept')"))
  await store.close()
}

/** The bytes of the database and its log. Reading leaves an empty log behind, which is none. */
const fingerprint = (dir: string): string[] =>
  ['symbi.db', 'symbi.db-wal']
    .map((name) => join(dir, name))
    .map((path) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0)))
    .map((bytes) => createHash('sha256').update(bytes).digest('hex'))

describe('migrating', () => {
  it('makes a new database without a copy', () => {
    const dir = tempDir()
    const store = open(dir, [one, two])
    expect(store.get('PRAGMA user_version')).toEqual({ user_version: 20 })
    expect(existsSync(join(dir, 'backups'))).toBe(false)
  })

  it('keeps a readable copy of the former database, then takes the steps that are due', async () => {
    const dir = tempDir()
    await withNote(dir)
    const store = open(dir, [one, two])
    expect(store.all('SELECT text, mood FROM notes')).toEqual([{ text: 'kept', mood: 'calm' }])
    const copies = readdirSync(join(dir, 'backups'))
    expect(copies).toEqual(['symbi-v10-5000.db'])
    const path = join(dir, 'backups', 'symbi-v10-5000.db')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const copy = new BetterSqlite(path, { readonly: true })
    onTestFinished(() => {
      copy.close()
    })
    expect(copy.pragma('user_version', { simple: true })).toBe(10)
    expect(copy.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'kept' }])
  })

  it('does nothing, and copies nothing, when nothing is due', async () => {
    const dir = tempDir()
    await withNote(dir)
    expect(open(dir, [one]).all('SELECT text FROM notes')).toEqual([{ text: 'kept' }])
    expect(existsSync(join(dir, 'backups'))).toBe(false)
  })

  it('refuses a database of a newer version and leaves every byte as it was', async () => {
    const dir = tempDir()
    const store = open(dir, [one, two])
    await store.write((tx) => tx.run("INSERT INTO notes (text) VALUES ('new')"))
    await store.close()
    const before = fingerprint(dir)
    expect(() => open(dir, [one])).toThrow(
      expect.objectContaining({ code: 'STORE_002', details: { found: 20, known: 10 } }),
    )
    expect(fingerprint(dir)).toEqual(before)
    expect(existsSync(join(dir, 'backups'))).toBe(false)
    expect(open(dir, [one, two]).all('SELECT text FROM notes')).toEqual([{ text: 'new' }])
  })

  it('does so when the newer version crashed and left work in its log', async () => {
    const [running, crashed] = [tempDir(), tempDir()]
    const store = open(running, [one, two])
    await store.write((tx) => tx.run("INSERT INTO notes (text) VALUES ('in the log')"))
    for (const name of ['symbi.db', 'symbi.db-wal']) copyFileSync(join(running, name), join(crashed, name))
    const before = fingerprint(crashed)
    expect(statSync(join(crashed, 'symbi.db-wal')).size).toBeGreaterThan(0)
    expect(() => open(crashed, [one])).toThrow(expect.objectContaining({ code: 'STORE_002' }))
    expect(fingerprint(crashed)).toEqual(before)
    expect(open(crashed, [one, two]).all('SELECT text FROM notes')).toEqual([{ text: 'in the log' }])
  })

  it('leaves a newer database alone in another journal mode, too', () => {
    const dir = tempDir()
    const newer = new BetterSqlite(join(dir, 'symbi.db'))
    newer.exec('CREATE TABLE future (x)')
    newer.pragma('user_version = 999')
    newer.close()
    const before = fingerprint(dir)
    expect(() => open(dir, [one])).toThrow(expect.objectContaining({ code: 'STORE_002' }))
    expect(fingerprint(dir)).toEqual(before)
  })

  it('leaves the data as it was when a step fails, and goes on once the step is right', async () => {
    const dir = tempDir()
    await withNote(dir)
    expect(() => open(dir, [one, failing])).toThrow(
      expect.objectContaining({ code: 'STORE_001', details: { from: 10, to: 20 } }),
    )
    const present = new BetterSqlite(join(dir, 'symbi.db'), { readonly: true })
    expect(present.pragma('user_version', { simple: true })).toBe(10)
    expect(present.prepare('SELECT * FROM notes').all()).toEqual([{ text: 'kept' }])
    present.close()
    const later = openStore({ dir, clock: createManualClock(6000), log: silentLog, migrations: [one, two] })
    onTestFinished(() => later.close())
    expect(later.all('SELECT text, mood FROM notes')).toEqual([{ text: 'kept', mood: 'calm' }])
  })
})

describe('the shipped migrations', () => {
  it('rise, and give a database that is whole', () => {
    const versions = shipped.map(({ version }) => version)
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(new Set(versions).size).toBe(versions.length)
    const store = open(tempDir(), shipped)
    expect(store.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
    expect(store.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(store.get('PRAGMA synchronous')).toEqual({ synchronous: 2 })
  })

  it('let no one change or remove an audit record, or an agent version', async () => {
    const store = open(tempDir(), shipped)
    await store.write((tx) => {
      tx.run(
        `INSERT INTO audit (seq, at, correlation_id, actor_kind, actor_id, action, resource, outcome, reason, details, prev_hash, hash)
         VALUES (1, 1, 'c', 'cli', 'x', 'a.b', 'r', 'success', '', '{}', '', '')`,
      )
    })
    const change = store.write((tx) => tx.run("UPDATE audit SET reason = 'other'"))
    await expect(change).rejects.toMatchObject({ code: 'STORE_001', message: expect.stringContaining('append-only') })
    const removal = store.write((tx) => tx.run('DELETE FROM audit'))
    await expect(removal).rejects.toMatchObject({ code: 'STORE_001' })
    expect(store.get('SELECT reason FROM audit')).toEqual({ reason: '' })
  })
})
