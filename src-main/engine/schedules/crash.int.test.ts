import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createAudit } from '../audit'
import { createEvents, createRedactor, silentLog, systemClock } from '../core'
import { openStore, type Sql } from '../store'
import { bundle } from '../testing/bundle'
import { tempDir } from '../testing/temp-dir'

const ROUNDS = 10
const SECOND_MS = 1000

let program: Awaited<ReturnType<typeof bundle>>
beforeAll(async () => {
  program = await bundle(fileURLToPath(new URL('./fixtures/child.ts', import.meta.url)))
})
afterAll(() => program.remove())

const start = (dir: string, epochMs: number, mode: 'run' | 'drain') => {
  const child = spawn(process.execPath, [program.path, dir, String(epochMs), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  return { child, said: () => printed.split('\n').slice(0, -1) }
}

/** Let it go on until so many more runs have ended, then kill it without a word. */
const runAndKill = async (dir: string, epochMs: number, ends: number): Promise<void> => {
  const { child, said } = start(dir, epochMs, 'run')
  await expect.poll(() => said().length, { timeout: 15_000, interval: 1 }).toBeGreaterThan(ends)
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

interface Run {
  seq: number
  schedule_id: string
  due_at: number
  trigger: string
  state: string
  attempts: number
  correlation_id: string
  ended_at: number | null
  reason: string | null
}
interface Tried {
  correlation_id: string
  attempt: number
  state: string
  started_at: number
  ended_at: number | null
}

/** What holds at every moment, whatever was cut off. */
const check = (sql: Sql): void => {
  const schedules = sql.all<{ id: string; definition: string; next_at: number | null; last_due_at: number | null }>(
    'SELECT * FROM schedules',
  )
  expect(schedules).toHaveLength(3)
  const tried = new Map<string, Tried[]>()
  for (const execution of sql.all<Tried>('SELECT * FROM executions ORDER BY queued_at, id'))
    tried.set(execution.correlation_id, [...(tried.get(execution.correlation_id) ?? []), execution])
  for (const schedule of schedules) {
    const { catchUp, maxRetries } = JSON.parse(schedule.definition) as { catchUp: string; maxRetries: number }
    const runs = sql.all<Run>('SELECT * FROM schedule_runs WHERE schedule_id = :id ORDER BY due_at', {
      id: schedule.id,
    })
    const due = runs.map((run) => run.due_at)
    // No time twice, and the next one was moved on in the same breath as the last one was recorded.
    expect(new Set(due).size).toBe(due.length)
    const last = due.at(-1)
    if (last !== undefined && schedule.next_at !== null) {
      expect(schedule.next_at).toBeGreaterThan(last)
      expect(schedule.last_due_at).toBeGreaterThanOrEqual(last)
    }
    // No time is lost: a hole is there only where times were passed over, which is recorded at its beginning.
    if (catchUp === 'all')
      for (const [index, run] of runs.entries()) {
        const next = runs[index + 1]
        if (next === undefined || next.due_at === run.due_at + SECOND_MS) continue
        expect(run).toMatchObject({ trigger: 'catch-up', state: 'skipped' })
        expect(run.reason).toMatch(/last 100/)
      }
    for (const run of runs) {
      const tries = tried.get(run.correlation_id) ?? []
      // Each attempt was asked for once, in order, and none after it succeeded.
      expect(tries.map((attempt) => attempt.attempt)).toEqual(tries.map((_, index) => index + 1))
      expect(tries.length).toBeLessThanOrEqual(maxRetries + 1)
      expect(tries.slice(0, -1).every((attempt) => attempt.ended_at !== null && attempt.state === 'failed')).toBe(true)
      if (run.state === 'succeeded') expect(tries.at(-1)).toMatchObject({ state: 'succeeded' })
      if (run.state === 'failed') expect(tries.every((attempt) => attempt.state === 'failed')).toBe(true)
      if (run.state === 'skipped') expect(tries).toEqual([])
      if (run.ended_at !== null) expect(run.attempts).toBe(tries.length)
    }
  }
  // What fired stands in the audit trail, and nothing else did.
  const fired = sql
    .all<{ details: string }>(`SELECT details FROM audit WHERE action = 'schedule.fire' AND outcome = 'success'`)
    .flatMap((record) => (JSON.parse(record.details) as { dueAtMs: number[] }).dueAtMs)
  const recorded = sql.all<Run>('SELECT * FROM schedule_runs').filter((run) => !/passed while/.test(run.reason ?? ''))
  expect(recorded).toHaveLength(fired.length)
}

it('schedules C3 to C7: killed at any moment, no time is run twice and none is lost', async () => {
  const dir = tempDir()
  const epochMs = Date.now()
  const inspect = async <T>(look: (sql: Sql) => T | Promise<T>): Promise<T> => {
    const store = openStore({ dir, clock: systemClock, log: silentLog })
    const result = await look(store)
    await store.close()
    return result
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    await runAndKill(dir, epochMs, 2 + Math.floor(Math.random() * 20))
    await inspect(check)
  }
  const drained = start(dir, epochMs, 'drain')
  await once(drained.child, 'close')
  await inspect(async (sql) => {
    check(sql)
    const count = (state: string): number =>
      sql.get<{ n: number }>('SELECT count(*) AS n FROM schedule_runs WHERE state = :state', { state })?.n ?? 0
    expect(count('waiting')).toBe(0)
    expect(count('succeeded')).toBeGreaterThan(ROUNDS)
    const counters = sql.get<Record<string, number>>(
      'SELECT sum(succeeded) AS succeeded, sum(failed) AS failed, sum(skipped) AS skipped FROM schedules',
    )
    expect(counters).toEqual({ succeeded: count('succeeded'), failed: count('failed'), skipped: count('skipped') })
    const audit = createAudit({
      store: sql as never,
      clock: systemClock,
      events: createEvents(() => undefined),
      redactor: createRedactor(''),
    })
    expect(await audit.verify()).toMatchObject({ ok: true })
  })
}, 90_000)
