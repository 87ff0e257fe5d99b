import type { BackendId, SecurityTier } from '@contract'
import { type Clock, messageOf, RuntimeError } from '../core'
import type { SandboxDriver, TierStatus } from './types'

/** A look starts a container, so it is not repeated by itself for a while; Doctor and a failed run ask anew. */
const STATUS_TTL_MS = 600_000
const TIERS: readonly SecurityTier[] = ['tier0', 'tier1', 'tier2', 'tier3']
const RANK: Readonly<Record<TierStatus['status'], number>> = { pass: 0, warn: 1, fail: 2 }

export interface SandboxesOptions {
  /** Those of this machine. */
  readonly drivers: readonly SandboxDriver[]
  readonly clock: Clock
  /** Told when another look is done. */
  readonly onLook?: () => void
}

/**
 * The drivers of this engine: those of this machine, and those of other hosts that were added. A tier is what was asked
 * for or an error: nothing falls back to weaker walls.
 */
export interface Sandboxes {
  /** The first of the tier. @throws SANDBOX_001 when this version has no driver for the tier. */
  driver(tier: SecurityTier): SandboxDriver
  /** All of them, those of this machine first. */
  drivers(): readonly SandboxDriver[]
  /** One more, of another host. */
  add(driver: SandboxDriver): void
  /** Those of this machine stay. */
  remove(id: BackendId): void
  /** Whether one back-end works, at most ten minutes old; `fresh` asks anew. A back-end that is not there fails. */
  look(id: BackendId, options?: { readonly fresh?: boolean }): Promise<TierStatus>
  /** What was found last of one back-end, without looking. */
  knownOf(id: BackendId): TierStatus | undefined
  /**
   * Whether each of the four tiers works, at most ten minutes old; `fresh` asks anew. This machine is asked; what is known
   * of other hosts counts where this one fails.
   */
  statuses(options?: { readonly fresh?: boolean }): Promise<readonly TierStatus[]>
  /** What was found last, without looking; empty before the first look. */
  known(): readonly TierStatus[]
  /** Called after each look, of a tier or of one back-end. */
  onLooked(listener: () => void): () => void
  /** Call off a look that is under way and wait until nothing of it is left. */
  close(): Promise<void>
}

interface Known {
  readonly atMs: number
  readonly status: TierStatus
}

export const createSandboxes = ({ drivers: local, clock, onLook }: SandboxesOptions): Sandboxes => {
  const closing = new AbortController()
  const added = new Map<BackendId, SandboxDriver>()
  const knownById = new Map<BackendId, Known>()
  const looking = new Map<BackendId, Promise<TierStatus>>()
  let known: { readonly atMs: number; readonly statuses: readonly TierStatus[] } | undefined
  let asking: Promise<readonly TierStatus[]> | undefined
  const listeners = new Set<() => void>()

  const looked = (): void => {
    onLook?.()
    for (const listener of listeners) listener()
  }

  const drivers = (): readonly SandboxDriver[] => [...local, ...added.values()]
  const ofTier = (tier: SecurityTier): readonly SandboxDriver[] => drivers().filter((driver) => driver.tier === tier)

  const probe = async (driver: SandboxDriver): Promise<TierStatus> => {
    const { tier } = driver
    try {
      return await driver.probe(closing.signal)
    } catch (error) {
      return { tier, status: 'fail', cause: `The test failed: ${messageOf(error)}`, fix: 'Look again.', command: null }
    }
  }

  const lookAt = async (driver: SandboxDriver): Promise<TierStatus> => {
    try {
      const status = await probe(driver)
      if (drivers().includes(driver)) knownById.set(driver.id, { atMs: clock.monotonicMs(), status })
      return status
    } finally {
      looking.delete(driver.id)
    }
  }

  const look = (driver: SandboxDriver, fresh: boolean): Promise<TierStatus> => {
    const last = knownById.get(driver.id)
    if (!fresh && last !== undefined && clock.monotonicMs() - last.atMs < STATUS_TTL_MS)
      return Promise.resolve(last.status)
    const running = looking.get(driver.id) ?? lookAt(driver)
    looking.set(driver.id, running)
    return running
  }

  const statusOf = async (tier: SecurityTier, fresh: boolean): Promise<TierStatus> => {
    const here = local.find((driver) => driver.tier === tier)
    const own = here === undefined ? absent(tier) : await look(here, fresh)
    const others = ofTier(tier).flatMap(({ id }) => (added.has(id) ? (knownById.get(id)?.status ?? []) : []))
    return others.reduce((best, other) => (RANK[other.status] < RANK[best.status] ? other : best), own)
  }

  const ask = async (fresh: boolean): Promise<readonly TierStatus[]> => {
    try {
      const statuses = await Promise.all(TIERS.map((tier) => statusOf(tier, fresh)))
      known = { atMs: clock.monotonicMs(), statuses }
      looked()
      return statuses
    } finally {
      asking = undefined
    }
  }

  return {
    driver(tier) {
      const [driver] = ofTier(tier)
      if (driver !== undefined) return driver
      const { cause, fix } = absent(tier)
      throw new RuntimeError('SANDBOX_001', cause, { nextStep: fix, details: { tier } })
    },
    drivers,
    add: (driver) => void added.set(driver.id, driver),
    remove(id) {
      if (added.delete(id)) knownById.delete(id)
    },
    async look(id, options) {
      const driver = drivers().find((one) => one.id === id)
      if (driver === undefined)
        return { tier: 'tier1', status: 'fail', cause: 'It is not there.', fix: 'Add it again.', command: null }
      const status = await look(driver, options?.fresh === true)
      looked()
      return status
    },
    knownOf: (id) => knownById.get(id)?.status,
    async statuses(options) {
      const isFresh = known !== undefined && clock.monotonicMs() - known.atMs < STATUS_TTL_MS
      if (known !== undefined && isFresh && options?.fresh !== true) return known.statuses
      asking ??= ask(options?.fresh === true)
      return asking
    },
    known: () => known?.statuses ?? [],
    onLooked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closing.abort()
      listeners.clear()
      await Promise.all([asking, ...looking.values()].map((one) => one?.catch(() => undefined)))
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
