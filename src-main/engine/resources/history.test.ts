import type { AgentId } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock, silentLog } from '../core'
import { openStore } from '../store'
import { tempDir } from '../testing/temp-dir'
import { NOTHING } from './amounts'
import { createHistory, EVERYTHING } from './history'
import { NO_USE } from './usage'

const DAY_MS = 86_400_000
const START_MS = 1_700_000_040_000
const agentId = '00000000-0000-7000-8000-0000000000aa' as AgentId

const setUp = () => {
  const clock = createManualClock(START_MS)
  const store = openStore({ dir: tempDir(), clock, log: silentLog })
  onTestFinished(() => store.close())
  const open = (retentionMs = 7 * DAY_MS) => createHistory({ store, clock, log: silentLog, retentionMs })
  /** All changes that were asked for are on the disk. */
  const settled = () => store.write(() => undefined)
  return { clock, store, open, settled }
}

const measured = (memoryBytes: number | null, granted = 100) => ({
  used: { ...NO_USE, memoryBytes, cpuMillis: null },
  granted: { ...NOTHING, memoryBytes: granted },
})
const memoryOf = (
  history: ReturnType<ReturnType<typeof setUp>['open']>,
  fromMs: number,
  toMs: number,
  points = 300,
) => {
  const [memory] = history.query({ agentId, fromMs, toMs, points })
  if (memory === undefined) throw new Error('the history tells nothing of memory')
  return memory
}

describe('the history of use', () => {
  it('tells the last minutes second by second, and leaves gaps as they are (resources R7)', () => {
    const { clock, open } = setUp()
    const history = open()
    for (const [value, pauseMs] of [
      [1, 1_000],
      [5, 30_000],
      [9, 1_000],
    ] as const) {
      history.record(clock.nowMs(), [{ scope: agentId, measured: measured(value, value * 10) }])
      clock.advance(pauseMs)
    }
    const memory = memoryOf(history, START_MS - 240_000, START_MS + 60_000, 400)
    expect(memory).toEqual({
      kind: 'memory',
      stepMs: 1_000,
      points: [
        { atMs: START_MS, min: 1, mean: 1, max: 1 },
        { atMs: START_MS + 1_000, min: 5, mean: 5, max: 5 },
        { atMs: START_MS + 31_000, min: 9, mean: 9, max: 9 },
      ],
      granted: [10, 50, 90],
    })
    expect(history.query({ fromMs: START_MS, toMs: clock.nowMs(), points: 10 })[0]?.points).toEqual([])
  })

  it('says nothing of a kind that was not told', () => {
    const { clock, open } = setUp()
    const history = open()
    history.record(clock.nowMs(), [{ scope: agentId, measured: measured(1) }])
    const kinds = history.query({ agentId, fromMs: START_MS - 1_000, toMs: START_MS + 1_000, points: 10 })
    expect(kinds.map(({ kind, points }) => `${kind} ${points.length}`)).toEqual([
      'memory 1',
      'cpu 0',
      'disk 0',
      'network 0',
    ])
  })

  it('over any window is what the plain samples give, written and unwritten alike (resources R7)', async () => {
    const sample = fc.record({ pauseMs: fc.integer({ min: 500, max: 40_000 }), value: fc.nat(1_000) })
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 60 }), async (samples) => {
        const { clock, open, store, settled } = setUp()
        const history = open()
        const told: { atMs: number; value: number }[] = []
        for (const { pauseMs, value } of samples) {
          told.push({ atMs: clock.nowMs(), value })
          history.record(clock.nowMs(), [{ scope: agentId, measured: measured(value) }])
          clock.advance(pauseMs)
          if (value % 3 === 0) await settled()
        }
        const window = { fromMs: START_MS - 600_000, toMs: clock.nowMs() }
        const { stepMs, points } = memoryOf(history, window.fromMs, window.toMs, 40)
        const starts = [...new Set(told.map(({ atMs }) => Math.floor(atMs / stepMs) * stepMs))]
        expect(points).toEqual(
          starts.map((atMs) => {
            const inside = told.filter((one) => one.atMs >= atMs && one.atMs < atMs + stepMs).map(({ value }) => value)
            const sum = inside.reduce((a, b) => a + b, 0)
            return { atMs, min: Math.min(...inside), mean: sum / inside.length, max: Math.max(...inside) }
          }),
        )
        await store.close()
      }),
      { numRuns: 25 },
    )
  })

  it('tells a start within a step by the second, when nothing of it is from before', () => {
    const { clock, open } = setUp()
    clock.advance(7_000)
    const history = open()
    clock.advance(1_000)
    history.record(clock.nowMs(), [{ scope: agentId, measured: measured(1) }])
    clock.advance(6_000)
    expect(memoryOf(history, clock.nowMs() - 300_000, clock.nowMs(), 400).stepMs).toBe(1_000)
  })

  it('joins what it wrote before and after a restart within one step', async () => {
    const { clock, open, settled } = setUp()
    const first = open()
    first.record(clock.nowMs(), [{ scope: agentId, measured: measured(1) }])
    first.close()
    await settled()
    clock.advance(2_000)
    const second = open()
    second.record(clock.nowMs(), [{ scope: agentId, measured: measured(5) }])
    expect(memoryOf(second, START_MS - 60_000, clock.nowMs()).points).toMatchObject([{ min: 1, mean: 3, max: 5 }])
    second.close()
    await settled()
    expect(memoryOf(open(), START_MS - 60_000, clock.nowMs()).points).toMatchObject([{ min: 1, mean: 3, max: 5 }])
  })

  it('over days is what the plain samples give, by way of wider steps (resources R7)', async () => {
    const { clock, open, settled } = setUp()
    const history = open()
    const told: { atMs: number; value: number }[] = []
    for (let n = 0; n < 600; n += 1) {
      const value = (n * 37) % 101
      told.push({ atMs: clock.nowMs(), value })
      history.record(clock.nowMs(), [{ scope: agentId, measured: measured(value) }])
      clock.advance(n % 50 === 49 ? 3_600_000 : 61_000)
      if (n % 40 === 0) await settled()
    }
    for (const [days, points] of [
      [1, 400],
      [7, 400],
      [3, 50],
    ] as const) {
      const fromMs = clock.nowMs() - days * DAY_MS
      const { stepMs, points: found } = memoryOf(history, fromMs, clock.nowMs(), points)
      expect(stepMs).toBeGreaterThanOrEqual(240_000)
      const starts = [...new Set(told.map(({ atMs }) => Math.floor(atMs / stepMs) * stepMs))]
      expect(found).toEqual(
        starts
          .filter((atMs) => atMs >= Math.floor(fromMs / stepMs) * stepMs)
          .map((atMs) => {
            const inside = told.filter((one) => one.atMs >= atMs && one.atMs < atMs + stepMs).map(({ value }) => value)
            const sum = inside.reduce((a, b) => a + b, 0)
            return { atMs, min: Math.min(...inside), mean: sum / inside.length, max: Math.max(...inside) }
          }),
      )
    }
  })

  it('is written in a few changes, whatever the number of agents', async () => {
    const { clock, open, store, settled } = setUp()
    const history = open()
    const scopes = [EVERYTHING, ...Array.from({ length: 50 }, (_, n) => `agent-${n}`)]
    for (let second = 0; second < 60; second += 1) {
      history.record(
        clock.nowMs(),
        scopes.map((scope) => ({ scope, measured: measured(second) })),
      )
      clock.advance(1_000)
    }
    await settled()
    clock.advance(70_000)
    await settled()
    // Six steps of ten seconds and one each of a minute, four minutes and half an hour.
    expect(store.get('SELECT count(*) AS n FROM usage_steps')).toEqual({ n: scopes.length * 9 })
    expect(history.stepCount()).toBe(scopes.length * 9)
  })

  it('gets coarser with age, and then goes (resources R10)', async () => {
    const { clock, open, store, settled } = setUp()
    const history = open(2 * DAY_MS)
    const record = async (): Promise<void> => {
      history.record(clock.nowMs(), [{ scope: agentId, measured: measured(1) }])
      clock.advance(70_000)
      await settled()
    }
    const widths = () =>
      store.all<{ step_ms: number }>('SELECT step_ms FROM usage_steps ORDER BY step_ms').map((row) => row.step_ms)
    await record()
    expect(widths()).toEqual([10_000, 60_000, 240_000, 1_800_000])
    clock.advance(7 * 3_600_000)
    await record()
    expect(widths()).toEqual([10_000, 60_000, 60_000, 240_000, 240_000, 1_800_000, 1_800_000])
    clock.advance(2 * DAY_MS)
    await record()
    expect(widths()).toEqual([10_000, 60_000, 240_000, 1_800_000])
    expect(history.stepCount()).toBe(4)
  })

  it('does not tick when nothing is measured any more (resources R9)', async () => {
    const { clock, open, settled } = setUp()
    const history = open()
    let asked = 0
    const after = clock.after
    clock.after = (delayMs, callback) => {
      asked += 1
      return after(delayMs, callback)
    }
    history.record(clock.nowMs(), [{ scope: agentId, measured: measured(1) }])
    clock.advance(130_000)
    await settled()
    const before = asked
    clock.advance(DAY_MS)
    expect(asked).toBe(before)
  })
})
