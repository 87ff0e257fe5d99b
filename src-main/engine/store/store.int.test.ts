import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { silentLog, systemClock } from '../core'
import { bundle } from '../testing/bundle'
import { tempDir } from '../testing/temp-dir'
import { openStore } from './store'

const migrations = [{ version: 10, name: 'rows', sql: 'CREATE TABLE rows (n INTEGER PRIMARY KEY, fill TEXT) STRICT;' }]
const open = (dir: string) => openStore({ dir, clock: systemClock, log: silentLog, migrations })

let program: Awaited<ReturnType<typeof bundle>>
beforeAll(async () => {
  program = await bundle(fileURLToPath(new URL('./fixtures/child.ts', import.meta.url)))
})
afterAll(() => program.remove())

interface Running {
  readonly child: ChildProcess
  /** What it printed so far, line by line; a line that is not ended is not said yet. */
  readonly lines: () => string[]
}

const start = (...args: string[]): Running => {
  const child = spawn(process.execPath, [program.path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, lines: () => printed.split('\n').slice(0, -1) }
}

const kill = async ({ child }: Running): Promise<void> => {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

const reaches = (running: Running, count: number): Promise<void> =>
  expect.poll(() => running.lines().length, { timeout: 10_000, interval: 2 }).toBeGreaterThanOrEqual(count)

describe('the lock of the data folder', () => {
  it('keeps a second process out, and is free at once when the holder is killed', async () => {
    const dir = tempDir()
    const holder = start(dir, 'holder')
    await reaches(holder, 1)
    expect(() => open(dir)).toThrow(
      expect.objectContaining({ code: 'CONFIG_002', message: expect.stringContaining(`process ${holder.child.pid}`) }),
    )
    await kill(holder)
    const store = open(dir)
    onTestFinished(() => store.close())
    expect(store.get('SELECT count(*) AS n FROM rows')).toEqual({ n: 0 })
  })

  it('keeps a process out while this one holds the folder', async () => {
    const dir = tempDir()
    const store = open(dir)
    onTestFinished(() => store.close())
    const child = spawn(process.execPath, [program.path, dir, 'holder'], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
    expect(said).toContain('CONFIG_002')
  })
})

describe('kill -9 while writing', () => {
  it('loses nothing that was acknowledged, 20 times at random moments', async () => {
    const dir = tempDir()
    let acknowledgedInAll = 0
    for (let round = 0; round < 20; round += 1) {
      const before = open(dir)
      const first = (before.get<{ n: number | null }>('SELECT max(n) AS n FROM rows')?.n ?? 0) + 1
      await before.close()

      const writer = start(dir, 'writer', String(first))
      await reaches(writer, 2 + Math.floor(Math.random() * 150))
      await kill(writer)
      const acknowledged = writer.lines().slice(1).map(Number)

      const after = open(dir)
      const present = new Set(after.all<{ n: number }>('SELECT n FROM rows').map(({ n }) => n))
      const sizes = after.get('SELECT count(*) AS wrong FROM rows WHERE length(fill) <> n % 3000')
      const integrity = after.get('PRAGMA integrity_check')
      await after.close()
      expect(acknowledged.length).toBeGreaterThan(0)
      expect(acknowledged.filter((n) => !present.has(n))).toEqual([])
      expect(sizes).toEqual({ wrong: 0 })
      expect(integrity).toEqual({ integrity_check: 'ok' })
      acknowledgedInAll += acknowledged.length
    }
    expect(acknowledgedInAll).toBeGreaterThan(20)
  })
})
