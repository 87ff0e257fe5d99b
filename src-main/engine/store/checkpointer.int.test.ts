import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { silentLog, systemClock } from '../core'
import { tempDir } from '../testing/temp-dir'
import { openStore } from './store'

const MIB = 1024 * 1024

it('keeps the log short while megabytes are written, and loses none of them (store S7)', async () => {
  const store = openStore({ dir: tempDir(), clock: systemClock, log: silentLog, inBackground: true })
  await store.write((tx) => tx.run('CREATE TABLE filler (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT'))
  const bytes = Buffer.alloc(64 * 1024, 7)
  let longest = 0
  for (let n = 0; n < 1000; n += 1) {
    await store.write((tx) => tx.run('INSERT INTO filler (bytes) VALUES (:bytes)', { bytes }))
    longest = Math.max(longest, statSync(`${store.path}-wal`).size)
  }
  expect(store.get('SELECT count(*) AS n, sum(length(bytes)) AS bytes FROM filler')).toEqual({
    n: 1000,
    bytes: 1000 * bytes.length,
  })
  expect(longest).toBeGreaterThan(8 * MIB)
  expect(longest).toBeLessThan(48 * MIB)
  await store.close()
})
