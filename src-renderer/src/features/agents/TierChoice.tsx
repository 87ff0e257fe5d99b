import type { SecurityTier } from '@contract'
import { useId } from 'react'
import { useRead } from '@/lib/queries'
import { hasUsableWall, StatusBadge, TIER_ORDER, TIERS, tierLook } from '@/ui'

export interface TierChoiceProps {
  readonly value: SecurityTier
  readonly onChange: (tier: SecurityTier) => void
  readonly error: string | undefined
}

/** Which walls stand around the agent, each with what it is worth on this machine. */
export function TierChoice({ value, onChange, error }: TierChoiceProps) {
  const name = useId()
  const tiers = useRead('system.overview', {}).data?.tiers
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Tier</legend>
      <div className="flex flex-col rounded-md border border-line">
        {TIER_ORDER.map((tier) => {
          const found = tiers?.find((candidate) => candidate.tier === tier)
          return (
            <label
              key={tier}
              className="flex items-start gap-2 border-b border-line px-2.5 py-1.5 last:border-0 has-[:checked]:bg-selected has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent"
            >
              <input
                type="radio"
                name={name}
                checked={value === tier}
                onChange={() => onChange(tier)}
                className="mt-1 accent-accent-solid outline-none"
              />
              <span className="min-w-0 flex-1">
                <span className="flex items-baseline justify-between gap-2">
                  <span>
                    <span className="font-medium">{TIERS[tier].name}</span>{' '}
                    <span className={tier === 'tier0' ? 'text-wait' : 'text-text-2'}>{TIERS[tier].wall}</span>
                  </span>
                  {found !== undefined && (
                    <StatusBadge look={tierLook(found.status, hasUsableWall(tiers ?? []))} className="text-xs" />
                  )}
                </span>
                {found !== undefined && found.status !== 'pass' && (
                  <span className="block text-xs text-text-3">{found.cause}</span>
                )}
              </span>
            </label>
          )
        })}
      </div>
      {error !== undefined && <p className="mt-1 text-xs text-bad">{error}</p>}
    </fieldset>
  )
}
