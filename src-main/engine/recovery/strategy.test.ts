import { ERROR_TYPES, type ErrorType, ExecutionMode, type RecoveryStep } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs, stepFor } from './strategy'

type Steps = readonly [
  persistent: RecoveryStep,
  eventDriven: RecoveryStep,
  scheduled: RecoveryStep,
  ephemeral: RecoveryStep,
]

/** When the program had not been started: nothing is done twice, so every mode but external is tried again. */
const NOT_STARTED: Readonly<Record<ErrorType, Steps>> = {
  'resource-exhausted': ['retry', 'retry', 'retry', 'retry'],
  network: ['retry', 'retry', 'retry', 'retry'],
  security: ['terminate', 'terminate', 'terminate', 'none'],
  policy: ['suspend', 'suspend', 'suspend', 'none'],
  validation: ['none', 'none', 'none', 'none'],
  sandbox: ['failover', 'failover', 'failover', 'failover'],
  program: ['none', 'none', 'none', 'none'],
  timeout: ['retry', 'retry', 'retry', 'retry'],
  system: ['retry', 'retry', 'retry', 'retry'],
}

/** When it had: only agents that are meant to go on. */
const STARTED: Readonly<Record<ErrorType, Steps>> = {
  'resource-exhausted': ['restart', 'restart', 'none', 'none'],
  network: ['restart', 'restart', 'none', 'none'],
  security: ['terminate', 'terminate', 'terminate', 'none'],
  policy: ['suspend', 'suspend', 'suspend', 'none'],
  validation: ['none', 'none', 'none', 'none'],
  sandbox: ['failover', 'failover', 'none', 'none'],
  program: ['restart', 'restart', 'none', 'none'],
  timeout: ['restart', 'restart', 'none', 'none'],
  system: ['restart', 'restart', 'none', 'none'],
}

const MODES = ['persistent', 'event-driven', 'scheduled', 'ephemeral'] as const

describe('the table of strategies', () => {
  it.each([
    ['not started', false, NOT_STARTED],
    ['started', true, STARTED],
  ] as const)('says what is done about each type of failure of a run that was %s (V2)', (_title, started, table) => {
    for (const type of ERROR_TYPES)
      expect(
        MODES.map((mode) => stepFor({ type, mode, started }).step),
        type,
      ).toEqual(table[type])
  })

  it('does nothing about agents that run elsewhere, and says why about every one (V2)', () => {
    for (const type of ERROR_TYPES)
      for (const started of [true, false]) {
        expect(stepFor({ type, mode: 'external', started }).step).toBe('none')
        for (const mode of ExecutionMode.options) expect(stepFor({ type, mode, started }).why).toMatch(/^[A-Z].*\.$/)
      }
  })
})

describe('the wait before an attempt', () => {
  it('lies by chance between nothing and a bound that doubles, never above the longest (V6)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 600_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, firstMs, longestMs, chance) => {
          const waitMs = backoffMs(attempt, { firstMs, longestMs, random: () => chance })
          expect(waitMs).toBeGreaterThanOrEqual(0)
          expect(waitMs).toBeLessThan(Math.min(longestMs, firstMs * 2 ** (attempt - 1)))
          expect(Number.isSafeInteger(waitMs)).toBe(true)
        },
      ),
    )
  })

  it('is twice as long at most for each further attempt, and no two need to be equal (V6)', () => {
    const at = (attempt: number, chance: number): number =>
      backoffMs(attempt, { firstMs: 1_000, longestMs: 60_000, random: () => chance })
    expect([1, 2, 3, 4, 7, 20].map((attempt) => at(attempt, 0.5))).toEqual([500, 1_000, 2_000, 4_000, 30_000, 30_000])
    expect([at(3, 0), at(3, 0.25), at(3, 0.999)]).toEqual([0, 1_000, 3_996])
  })
})
