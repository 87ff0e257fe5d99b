import type { ExecutionId } from '@contract'
import { expect, it } from 'vitest'
import { silentLog } from '../core'
import { setUpLifecycle } from './lifecycle-fixture'
import { createRetention } from './retention'

const DAY_MS = 86_400_000

it('removes the logs of runs that are old and not among the newest of their agent, and nothing else', async () => {
  const lab = setUpLifecycle()
  const retention = createRetention({ store: lab.store, clock: lab.clock, log: silentLog, keepMs: 30 * DAY_MS })
  const { id } = await lab.create()
  const rare = await lab.create()
  const runs: ExecutionId[] = []
  for (let n = 0; n < 22; n += 1) {
    const run = await lab.begin(n === 0 ? rare.id : id)
    lab.sandbox(run.id).say('a line')
    lab.sandbox(run.id).use({ memoryBytes: 1 })
    lab.sandbox(run.id).end()
    await lab.runs.ended(run.id)
    runs.push(run.id)
  }
  const lines = (run: ExecutionId | undefined) => (run === undefined ? -1 : lab.logs.page(run, undefined, 100).length)
  expect(await retention.prune()).toBe(0)
  lab.clock.advance(30 * DAY_MS + 1)
  expect(await retention.prune()).toBe(1)
  expect(lines(runs[1])).toBe(0)
  // The only run of another agent, and the newest twenty of this one.
  expect([runs[0], ...runs.slice(2)].every((run) => lines(run) > 0)).toBe(true)
  expect(lab.runs.list({ agentId: id, limit: 200 })).toHaveLength(21)
  const samples = lab.store.get('SELECT count(*) AS n FROM execution_stats WHERE execution_id = :id', {
    id: runs[1] ?? '',
  })
  expect(samples).toEqual({ n: 0 })
  expect(await retention.prune()).toBe(0)
  retention.close()
})
