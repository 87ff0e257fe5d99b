import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { silentLog, systemClock } from '../core'
import { openStore, type Store } from '../store'
import { bundle } from '../testing/bundle'
import { tempDir } from '../testing/temp-dir'
import { createFileAnchor } from './anchors'
import { readSegments } from './archived'
import { readArchive } from './segments'
import { auditFolders } from './trail'
import { verifyTrail } from './verify-trail'

const ROUNDS = 25

let program: Awaited<ReturnType<typeof bundle>>
beforeAll(async () => {
  program = await bundle(fileURLToPath(new URL('./fixtures/child.ts', import.meta.url)))
})
afterAll(() => program.remove())

const start = (dir: string, first: number): { child: ChildProcess; lines: () => string[] } => {
  const child = spawn(process.execPath, [program.path, dir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, lines: () => printed.split('\n').slice(0, -1) }
}

/** The changes that the trail tells of, archived ones first. */
const recordedIn = async (store: Store, dir: string): Promise<string[]> => {
  const recorded: string[] = []
  const segments = readSegments(store).filter(({ archived_at: at }) => at !== null)
  for (const { archive_file: file } of segments)
    for await (const row of readArchive(join(dir, 'audit', 'archives'), file ?? ''))
      if (row.action === 'child.change') recorded.push(row.resource)
  const last = segments.at(-1)?.last_seq ?? 0
  const rows = store.all<{ resource: string }>(
    `SELECT resource FROM audit WHERE action = 'child.change' AND seq > :last ORDER BY seq`,
    { last },
  )
  return [...recorded, ...rows.map(({ resource }) => resource)]
}

describe('kill -9 at random moments', () => {
  it(`A1: never leaves a change without its record or a record without its change, ${ROUNDS} times`, async () => {
    const dir = tempDir()
    let acknowledged = 0
    let archived = 0
    let signed = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = start(dir, round * 100_000 + 1)
      const enough = 2 + Math.floor(Math.random() * 500)
      await expect.poll(() => writer.lines().length, { timeout: 15_000, interval: 2 }).toBeGreaterThanOrEqual(enough)
      const closed = once(writer.child, 'close')
      writer.child.kill('SIGKILL')
      await closed
      const told = writer.lines().slice(1)
      acknowledged += told.length

      const store = openStore({ dir, clock: systemClock, log: silentLog })
      const recorded = await recordedIn(store, dir)
      const changed = store.all<{ key: string }>(`SELECT key FROM meta WHERE key LIKE 'change %'`).map(({ key }) => key)
      const verdict = await verifyTrail({
        sql: store,
        clock: systemClock,
        anchors: [createFileAnchor(auditFolders(dir).anchors)],
      })
      const integrity = store.get('PRAGMA integrity_check')
      archived = verdict.archived
      signed = verdict.signedToSeq
      await store.close()
      expect(recorded.toSorted()).toEqual(changed.toSorted())
      const present = new Set(recorded)
      expect(told.filter((n) => !present.has(`change ${n}`))).toEqual([])
      expect(verdict).toMatchObject({
        ok: true,
        problem: null,
        anchors: [{ state: expect.stringMatching(/^(agrees|empty)$/) }],
      })
      expect(integrity).toEqual({ integrity_check: 'ok' })
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS * 2)
    expect(archived).toBeGreaterThan(0)
    expect(signed).toBeGreaterThan(archived)
  }, 180_000)
})
