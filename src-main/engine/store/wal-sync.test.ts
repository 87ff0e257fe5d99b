import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempDir } from '../testing/temp-dir'
import { createWalSync } from './wal-sync'

/** A disk that takes as long as the test wants. */
const slowDisk = () => {
  const path = join(tempDir(), 'log')
  writeFileSync(path, '')
  const running: ((error: NodeJS.ErrnoException | null) => void)[] = []
  const wal = createWalSync(path, ((_file: number, done: (typeof running)[number]) => {
    running.push(done)
  }) as Parameters<typeof createWalSync>[1])
  return { wal, running, finish: (error: NodeJS.ErrnoException | null = null) => running.shift()?.(error) }
}

it('answers after a sync that began after the question, and one sync answers many (store S2)', () => {
  const { wal, running, finish } = slowDisk()
  const kept: string[] = []
  wal.after(() => kept.push('a'))
  wal.after(() => kept.push('b'))
  wal.after(() => kept.push('c'))
  expect(running).toHaveLength(1)
  expect(kept).toEqual([])
  finish()
  // The sync had begun before b and c were committed.
  expect(kept).toEqual(['a'])
  expect(running).toHaveLength(1)
  finish()
  expect(kept).toEqual(['a', 'b', 'c'])
  expect(running).toHaveLength(0)
})

it('counts nothing as kept once a sync has failed (store S2)', () => {
  const { wal, finish } = slowDisk()
  const errors: unknown[] = []
  wal.after((error) => errors.push(error))
  finish(new Error('input/output error'))
  wal.after((error) => errors.push(error))
  expect(errors).toEqual([
    expect.objectContaining({ code: 'STORE_001' }),
    expect.objectContaining({ code: 'STORE_001' }),
  ])
})

it('is idle when nothing is waited for', async () => {
  const { wal, finish } = slowDisk()
  await wal.idle()
  wal.after(() => undefined)
  let isIdle = false
  const idle = wal.idle().then(() => {
    isIdle = true
  })
  await Promise.resolve()
  expect(isIdle).toBe(false)
  finish()
  await idle
  wal.close()
})
