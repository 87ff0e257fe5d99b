import type { SecurityTier } from '@contract'
import type { Check, CheckResult } from './check'

export interface TierFindings extends CheckResult {
  readonly tier: SecurityTier
}

const TITLES: Readonly<Record<SecurityTier, string>> = {
  tier0: 'Tier 0 (process, development only)',
  tier1: 'Tier 1 (Docker)',
  tier2: 'Tier 2 (gVisor)',
  tier3: 'Tier 3 (microVM)',
}

/**
 * A check for each of some sandbox tiers, answered by what knows the tiers.
 * @param ports `statuses` is asked once for each tier and may answer from what it found a moment ago
 */
export const tierChecks = (ports: {
  readonly tiers: readonly SecurityTier[]
  readonly statuses: (signal: AbortSignal) => Promise<readonly TierFindings[]>
}): readonly Check[] =>
  ports.tiers.map((tier) => ({
    id: tier,
    title: TITLES[tier],
    async run(signal): Promise<CheckResult> {
      const found = (await ports.statuses(signal)).find((status) => status.tier === tier)
      return found ?? { status: 'fail', cause: 'This tier is not known here.', fix: 'Choose another tier.' }
    },
  }))
