import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../testing/bundle'
import { tempDir } from '../testing/temp-dir'
import { setUp } from './fixtures/set-up'

let program: Awaited<ReturnType<typeof bundle>>
beforeAll(async () => {
  program = await bundle(fileURLToPath(new URL('./fixtures/child.ts', import.meta.url)))
})
afterAll(() => program.remove())

/** Let it run until it has said so many lines, then kill it without a word. */
const runAndKill = async (dir: string, lines: number): Promise<string[]> => {
  const child = spawn(process.execPath, [program.path, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const said = (): string[] => printed.split('\n').slice(0, -1)
  await expect.poll(() => said().length, { timeout: 15_000, interval: 1 }).toBeGreaterThan(lines)
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  return said()
}

interface Counted {
  readonly n: number
}

it('killed between asking and deciding leaves nothing half done, ten times over', async () => {
  const dir = tempDir()
  for (let round = 0; round < 10; round += 1) {
    const said = await runAndKill(dir, 30 + round * 7)
    const { store, approvals, verify } = setUp(undefined, undefined, { dir, startMs: Date.now() })
    const decided = said.filter((line) => line.startsWith('decided ')).map((line) => line.split(' '))
    expect(decided.length).toBeGreaterThan(0)
    for (const [, id = '', status] of decided)
      expect(store.get('SELECT status FROM approvals WHERE id = :id', { id })).toEqual({ status })

    await approvals.reconcile()
    const count = (sql: string): number => store.get<Counted>(sql)?.n ?? -1
    // Nothing waits for a run that is gone, and each request and each decision stands beside its record.
    expect(approvals.pendingCount()).toBe(0)
    expect(count(`SELECT count(*) AS n FROM approvals WHERE status = 'approved' AND result IS NULL`)).toBe(0)
    const asked = `SELECT count(*) AS n FROM audit WHERE action = 'approval.request'`
    expect(count(asked)).toBe(count('SELECT count(*) AS n FROM approvals'))
    const records = `SELECT count(*) AS n FROM audit WHERE action = 'approval.decide' AND outcome = 'success'`
    expect(count(records)).toBe(count(`SELECT count(*) AS n FROM approvals WHERE status IN ('approved', 'denied')`))
    expect(count('SELECT count(*) AS n FROM approval_grants')).toBe(
      count(`SELECT count(*) AS n FROM approvals WHERE status = 'approved'`),
    )
    const done = `SELECT count(*) AS n FROM audit WHERE action = 'tool.call' AND outcome = 'success'`
    expect(count(done)).toBe(count(`SELECT count(*) AS n FROM approvals WHERE result = 'success'`))
    expect(await verify()).toMatchObject({ ok: true })
    await store.close()
  }
}, 120_000)
