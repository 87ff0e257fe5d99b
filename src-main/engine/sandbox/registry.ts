import type { SecurityTier } from '@contract'
import { type Clock, messageOf, RuntimeError } from '../core'
import type { SandboxDriver, TierStatus } from './types'

/** A look starts a container, so it is not repeated by itself for a while; Doctor and a failed run ask anew. */
const STATUS_TTL_MS = 600_000
const TIERS: readonly SecurityTier[] = ['tier0', 'tier1', 'tier2', 'tier3']

export interface SandboxesOptions {
  readonly drivers: readonly SandboxDriver[]
  readonly clock: Clock
  /** Told when another look is done. */
  readonly onLook?: () => void
}

/** The drivers of this engine by tier. A tier is what was asked for or an error: nothing falls back to weaker walls. */
export interface Sandboxes {
  /** @throws SANDBOX_001 when this version has no driver for the tier. */
  driver(tier: SecurityTier): SandboxDriver
  /** Whether each of the four tiers works here, at most ten minutes old; `fresh` asks anew. */
  statuses(options?: { readonly fresh?: boolean }): Promise<readonly TierStatus[]>
  /** What was found last, without looking; empty before the first look. */
  known(): readonly TierStatus[]
  /** Call off a look that is under way and wait until nothing of it is left. */
  close(): Promise<void>
}

export const createSandboxes = ({ drivers, clock, onLook }: SandboxesOptions): Sandboxes => {
  const closing = new AbortController()
  const byTier = new Map(drivers.map((driver) => [driver.tier, driver]))
  let known: { readonly atMs: number; readonly statuses: readonly TierStatus[] } | undefined
  let asking: Promise<readonly TierStatus[]> | undefined

  const probe = async (tier: SecurityTier): Promise<TierStatus> => {
    const driver = byTier.get(tier)
    if (driver === undefined) return absent(tier)
    try {
      return await driver.probe(closing.signal)
    } catch (error) {
      return { tier, status: 'fail', cause: `The test failed: ${messageOf(error)}`, fix: 'Look again.', command: null }
    }
  }

  const ask = async (): Promise<readonly TierStatus[]> => {
    try {
      const statuses = await Promise.all(TIERS.map(probe))
      known = { atMs: clock.monotonicMs(), statuses }
      onLook?.()
      return statuses
    } finally {
      asking = undefined
    }
  }

  return {
    driver(tier) {
      const driver = byTier.get(tier)
      if (driver !== undefined) return driver
      const { cause, fix } = absent(tier)
      throw new RuntimeError('SANDBOX_001', cause, { nextStep: fix, details: { tier } })
    },
    async statuses(options) {
      const isFresh = known !== undefined && clock.monotonicMs() - known.atMs < STATUS_TTL_MS
      if (known !== undefined && isFresh && options?.fresh !== true) return known.statuses
      asking ??= ask()
      return asking
    },
    known: () => known?.statuses ?? [],
    async close() {
      closing.abort()
      await asking?.catch(() => undefined)
    },
  }
}

const absent = (tier: SecurityTier): TierStatus => ({
  tier,
  status: 'fail',
  cause: `Tier ${tier.slice(4)} is not available in this version.`,
  fix: 'Choose tier 1 for this agent; no weaker tier is taken in its place.',
  command: null,
})
