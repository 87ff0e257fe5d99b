import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RuntimeError, silentLog, systemClock } from '../core'
import { tempDir } from '../testing/temp-dir'
import type { Migration } from './migrations'
import { openStore, type Store } from './store'

const one: Migration = {
  version: 10,
  name: 'one',
  sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;',
}

const open = (dir: string, migrations: readonly Migration[] = [one]): Store => {
  const store = openStore({ dir, clock: systemClock, log: silentLog, migrations })
  onTestFinished(() => store.close())
  return store
}

const add = (store: Store, text: string): Promise<number> =>
  store.write((tx) => tx.run('INSERT INTO notes (text) VALUES (:text)', { text }))

const texts = (store: Store): string[] =>
  store.all<{ text: string }>('SELECT text FROM notes ORDER BY id').map(({ text }) => text)

describe('a write', () => {
  it('is there once it is acknowledged, and answers with what the change returned', async () => {
    const store = open(tempDir())
    expect(await add(store, 'a')).toBe(1)
    expect(texts(store)).toEqual(['a'])
    expect(store.get('SELECT count(*) AS n FROM notes')).toEqual({ n: 1 })
    expect(store.sizeBytes()).toBeGreaterThan(0)
  })

  it('is seen from outside the process when it is acknowledged', async () => {
    const store = open(tempDir())
    await add(store, 'a')
    const other = new BetterSqlite(store.path, { readonly: true })
    onTestFinished(() => {
      other.close()
    })
    expect(other.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'a' }])
  })

  it('that fails harms none of its neighbours in the batch', async () => {
    const store = open(tempDir())
    const results = await Promise.allSettled([
      add(store, 'a'),
      add(store, 'a'),
      store.write((tx) => {
        tx.run('INSERT INTO notes (text) VALUES (:text)', { text: 'half' })
        throw new RuntimeError('AGENT_002', 'Not now.')
      }),
      store.write(() => {
        throw new TypeError('canary-4711')
      }),
      add(store, 'b'),
    ])
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'))).toEqual([
      'ok',
      'STORE_001',
      'AGENT_002',
      'INTERNAL_001',
      'ok',
    ])
    expect(texts(store)).toEqual(['a', 'b'])
    expect(results[3]).toMatchObject({ reason: { message: expect.not.stringContaining('canary') } })
  })

  it('shares its commit with the others that wait', async () => {
    const store = open(tempDir())
    const outside = new BetterSqlite(store.path, { readonly: true })
    onTestFinished(() => {
      outside.close()
    })
    const seen = new Set<unknown>()
    await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        add(store, `n${n}`).then(() => seen.add(outside.pragma('data_version', { simple: true }))),
      ),
    )
    expect(texts(store)).toHaveLength(200)
    // Another connection sees a new data version for every commit; a commit for each write would be 200 of them.
    expect(seen.size).toBeLessThan(100)
  })

  it('tells its listeners after the commit, and none when it was rolled back', async () => {
    const store = open(tempDir())
    const outside = new BetterSqlite(store.path, { readonly: true })
    onTestFinished(() => {
      outside.close()
    })
    const told: unknown[] = []
    const tell = (): unknown => told.push(outside.prepare('SELECT count(*) AS n FROM notes').get())
    await store.write((tx) => {
      tx.onCommit(tell)
      tx.run('INSERT INTO notes (text) VALUES (:text)', { text: 'a' })
    })
    expect(told).toEqual([{ n: 1 }])
    const refused = store.write((tx) => {
      tx.onCommit(tell)
      tx.run('INSERT INTO notes (text) VALUES (:text)', { text: 'a' })
    })
    await expect(refused).rejects.toMatchObject({ code: 'STORE_001' })
    expect(told).toHaveLength(1)
  })

  it('is acknowledged although a listener fails, and so are its neighbours', async () => {
    const error = vi.fn()
    const dir = tempDir()
    const store = openStore({ dir, clock: systemClock, log: { ...silentLog, error }, migrations: [one] })
    onTestFinished(() => store.close())
    const heard = vi.fn()
    await Promise.all([
      store.write((tx) =>
        tx.onCommit(() => {
          throw new Error('listener')
        }),
      ),
      store.write((tx) => tx.onCommit(heard)),
    ])
    expect(heard).toHaveBeenCalledOnce()
    expect(error).toHaveBeenCalledOnce()
  })

  it('from within a listener is written too', async () => {
    const store = open(tempDir())
    const inner = new Promise<number>((resolve, reject) => {
      store.write((tx) => tx.onCommit(() => add(store, 'inner').then(resolve, reject))).catch(reject)
    })
    expect(await inner).toBe(1)
    expect(texts(store)).toEqual(['inner'])
  })
})

describe('closing', () => {
  it('writes what waits, then refuses', async () => {
    const dir = tempDir()
    const store = open(dir)
    const waiting = add(store, 'last')
    await store.close()
    await store.close()
    expect(await waiting).toBe(1)
    await expect(add(store, 'late')).rejects.toMatchObject({ code: 'STORE_001' })
    expect(texts(open(dir))).toEqual(['last'])
  })
})

describe('opening', () => {
  it('keeps the folder and the file for their owner', () => {
    const dir = join(tempDir(), 'data')
    const store = open(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(statSync(store.path).mode & 0o777).toBe(0o600)
  })

  it('repairs rights that are too wide', async () => {
    const dir = tempDir()
    const first = open(dir)
    await first.close()
    chmodSync(dir, 0o777)
    chmodSync(first.path, 0o666)
    const second = open(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(statSync(second.path).mode & 0o777).toBe(0o600)
  })

  it('is for one engine at a time, within a process too', async () => {
    const dir = tempDir()
    const store = open(dir)
    expect(() => open(dir)).toThrow(
      expect.objectContaining({ code: 'CONFIG_002', message: expect.stringContaining(`process ${process.pid}`) }),
    )
    await store.close()
    expect(texts(open(dir))).toEqual([])
  })

  it('does not take a folder that cannot be used for another engine', () => {
    const dir = tempDir()
    writeFileSync(
      join(dir, 'engine.lock'),
      'this is not a database, and longer than its header of a hundred bytes '.repeat(3),
    )
    expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STORE_001' }))
  })

  it('refuses what is not a database and leaves it alone', () => {
    const dir = tempDir()
    writeFileSync(join(dir, 'symbi.db'), 'not a database '.repeat(100))
    expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STORE_001' }))
    expect(statSync(join(dir, 'symbi.db')).size).toBe(1500)
  })
})
