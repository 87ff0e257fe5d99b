import type { AgentId, Amounts, BackendId, ExecutionId } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountsOf, minus, NOTHING, plus, shareOf } from './amounts'
import { createLedger, type Ledger } from './ledger'

const local = 'process:local' as BackendId
const remote = 'docker:far' as BackendId
const run = (n: number): ExecutionId => `run-${n}` as ExecutionId

const TOTALS: Amounts = { memoryBytes: 1_000_003, cpuMillis: 4_001, diskIoMbps: 100, networkIoMbps: 50 }

const order = (executionId: ExecutionId, amounts: Amounts, backend = local) => ({
  executionId,
  agentId: 'agent' as AgentId,
  agentName: 'an agent',
  backend,
  amounts,
})
const some = (change: Partial<Amounts>): Amounts => ({ ...NOTHING, ...change })
const open = (enforcing = true): Ledger => createLedger({ totals: TOTALS, reservePercent: 10, enforcing })
const poolOf = (ledger: Ledger, backend: BackendId | null) => ledger.pools().find((pool) => pool.backend === backend)

describe('amounts', () => {
  const limits = { memoryMb: 128, diskIoMbps: 50, networkIoMbps: 10, executionTimeoutMs: 1_000, idleTimeoutMs: 1_000 }

  it('are whole, and never less than what the sandbox lets through', () => {
    expect(amountsOf({ ...limits, cpuCores: 0.5 })).toEqual({
      memoryBytes: 134_217_728,
      cpuMillis: 500,
      diskIoMbps: 50,
      networkIoMbps: 10,
    })
    expect(amountsOf({ ...limits, cpuCores: 1.1 }).cpuMillis).toBe(1_100)
    expect(amountsOf({ ...limits, cpuCores: 0.0505 }).cpuMillis).toBe(51)
  })
})

describe('a grant', () => {
  it('is refused when it does not fit now, and differently when it never will (resources R1)', () => {
    const ledger = open()
    const half = some({ cpuMillis: 2_000 })
    expect(ledger.reserve(order(run(1), half), 5)).toMatchObject({ amounts: half, sinceMs: 5 })
    expect(ledger.fits(local, half)).toBe(false)
    expect(() => ledger.reserve(order(run(2), half), 5)).toThrow(expect.objectContaining({ code: 'RESOURCE_001' }))
    const tooMuch = some({ cpuMillis: 3_601 })
    expect(ledger.possible(local, tooMuch)).toBe(false)
    expect(() => ledger.reserve(order(run(2), tooMuch), 5)).toThrow(expect.objectContaining({ code: 'RESOURCE_002' }))
    expect(ledger.possible(local, some({ cpuMillis: 3_600 }))).toBe(true)
  })

  it('is all or nothing (resources R2)', () => {
    const ledger = open()
    const before = ledger.free(local)
    const asked = { memoryBytes: 1, cpuMillis: 1, diskIoMbps: 1, networkIoMbps: 46 }
    expect(() => ledger.reserve(order(run(1), asked), 0)).toThrow(
      /network rate \(46 MB\/s\), at most network rate \(45/,
    )
    expect(ledger.free(local)).toEqual(before)
    expect([...ledger.grants()]).toEqual([])
  })

  it('may be more than there is where that is not refused', () => {
    const ledger = open(false)
    ledger.reserve(order(run(1), plus(TOTALS, TOTALS)), 0)
    expect(ledger.free(local)).toEqual(NOTHING)
    expect(ledger.fits(local, TOTALS)).toBe(true)
    expect(poolOf(ledger, null)?.granted).toEqual(plus(TOTALS, TOTALS))
  })

  it('is given in whole amounts only', () => {
    for (const cpuMillis of [0.5, -1, Number.NaN])
      expect(() => open().reserve(order(run(1), some({ cpuMillis })), 0)).toThrow(/whole amounts/)
  })

  it('is the same when it is asked for again, and another when the amounts are', () => {
    const ledger = open()
    const first = ledger.reserve(order(run(1), some({ cpuMillis: 3_000 })), 0)
    expect(ledger.reserve(order(run(1), some({ cpuMillis: 3_000 })), 9)).toBe(first)
    ledger.reserve(order(run(1), some({ cpuMillis: 3_500 })), 9)
    expect(poolOf(ledger, null)?.granted).toEqual(some({ cpuMillis: 3_500 }))
  })
})

describe('a back-end elsewhere', () => {
  it('has totals of its own; one without shares those of the machine', () => {
    const ledger = open()
    ledger.setPool(remote, some({ memoryBytes: 1_000, cpuMillis: 1_000 }))
    ledger.reserve(order(run(1), some({ cpuMillis: 900 }), remote), 0)
    expect(ledger.free(remote)).toEqual(some({ memoryBytes: 900 }))
    expect(ledger.free('docker:local' as BackendId)).toEqual(minus(TOTALS, shareOf(TOTALS, 10)))
  })

  it('that was removed gets back what it gave, and not the machine', () => {
    const ledger = open()
    ledger.setPool(remote, some({ cpuMillis: 1_000 }))
    ledger.reserve(order(run(1), some({ cpuMillis: 900 }), remote), 0)
    ledger.setPool(remote, null)
    expect(poolOf(ledger, remote)?.granted).toEqual(some({ cpuMillis: 900 }))
    ledger.release(run(1))
    expect(poolOf(ledger, remote)).toBeUndefined()
    expect(poolOf(ledger, null)?.granted).toEqual(NOTHING)
  })

  it('that shrinks below its grants has nothing free, and is right again afterwards', () => {
    const ledger = open()
    ledger.setPool(remote, some({ cpuMillis: 1_000 }))
    ledger.reserve(order(run(1), some({ cpuMillis: 900 }), remote), 0)
    ledger.setPool(remote, some({ cpuMillis: 500 }))
    expect(ledger.free(remote)).toEqual(NOTHING)
    expect(ledger.fits(remote, some({ cpuMillis: 1 }))).toBe(false)
    ledger.release(run(1))
    expect(ledger.free(remote)).toEqual(some({ cpuMillis: 450 }))
  })
})

describe('any sequence of reserving, failing and giving back', () => {
  const amounts = fc.record({
    memoryBytes: fc.nat(700_000),
    cpuMillis: fc.nat(2_500),
    diskIoMbps: fc.nat(60),
    networkIoMbps: fc.nat(30),
  })
  const step = fc.oneof(
    fc.record({ act: fc.constant('reserve' as const), run: fc.nat(8), amounts, far: fc.boolean() }),
    fc.record({ act: fc.constant('release' as const), run: fc.nat(8) }),
    fc.record({ act: fc.constant('pool' as const), amounts: fc.option(amounts) }),
  )
  const FIELDS = ['memoryBytes', 'cpuMillis', 'diskIoMbps', 'networkIoMbps'] as const

  it('never grants more than there is, and gives back to the byte (resources R1, R2, R3)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = open()
        /** The naive truth: a list of grants by name of pool. A removed pool never comes back under its grants. */
        const model = new Map<number, { pool: string; amounts: Amounts }>()
        let far: { name: string; totals: Amounts } | null = null
        let generation = 0
        const grantable = (totals: Amounts): Amounts => minus(totals, shareOf(totals, 10))
        const grantedOf = (pool: string): Amounts =>
          [...model.values()]
            .filter((grant) => grant.pool === pool)
            .reduce((sum, { amounts: a }) => plus(sum, a), NOTHING)
        const fitsIn = (asked: Amounts, free: Amounts) => FIELDS.every((field) => asked[field] <= free[field])

        for (const one of steps) {
          if (one.act === 'release') {
            const expected = model.get(one.run)?.amounts
            expect(ledger.release(run(one.run))?.amounts).toEqual(expected)
            model.delete(one.run)
            expect(ledger.release(run(one.run))).toBeUndefined()
          } else if (one.act === 'pool') {
            if (one.amounts === null) far = null
            else {
              if (far === null) generation += 1
              far = { name: `far ${generation}`, totals: one.amounts }
            }
            ledger.setPool(remote, one.amounts)
          } else {
            const pool = one.far && far !== null ? far.name : 'machine'
            const totals = one.far && far !== null ? far.totals : TOTALS
            const own = model.get(one.run)
            const isSame =
              own !== undefined &&
              ledger.find(run(one.run))?.backend === (one.far ? remote : local) &&
              FIELDS.every((field) => own.amounts[field] === one.amounts[field])
            const others = minus(grantedOf(pool), own?.pool === pool ? own.amounts : NOTHING)
            const shouldFit = isSame || fitsIn(one.amounts, minus(grantable(totals), others))
            const asked = order(run(one.run), one.amounts, one.far ? remote : local)
            if (shouldFit) {
              ledger.reserve(asked, 0)
              if (!isSame) model.set(one.run, { pool, amounts: one.amounts })
            } else expect(() => ledger.reserve(asked, 0)).toThrow(/RESOURCE|asked for/)
          }
          const granted = ledger.pools().reduce((sum, pool) => plus(sum, pool.granted), NOTHING)
          expect(granted).toEqual([...model.values()].reduce((sum, grant) => plus(sum, grant.amounts), NOTHING))
          expect(poolOf(ledger, null)?.granted).toEqual(grantedOf('machine'))
          expect(fitsIn(grantedOf('machine'), grantable(TOTALS))).toBe(true)
          expect(plus(ledger.free(local), grantedOf('machine'))).toEqual(grantable(TOTALS))
        }
        for (const key of [...model.keys()]) ledger.release(run(key))
        for (const pool of ledger.pools()) expect(pool.granted).toEqual(NOTHING)
      }),
      { numRuns: 300 },
    )
  })
})
