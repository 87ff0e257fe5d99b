import type { Overview, SecurityTier } from '@contract'
import { Link } from '@tanstack/react-router'
import { hasUsableWall, StatusBadge, TIER_ORDER, TIERS, tierLook } from '@/ui'

const nameOf = (tier: string) => (tier in TIERS ? TIERS[tier as SecurityTier] : { name: tier, wall: '' })

/** The sandbox tiers as they really are on this machine. */
export function Tiers({ tiers }: { readonly tiers: Overview['tiers'] }) {
  const anyWalled = hasUsableWall(tiers)
  const place = (tier: string) => (TIER_ORDER as readonly string[]).indexOf(tier)
  const ordered = [...tiers].sort((a, b) => place(a.tier) - place(b.tier))
  return (
    <section aria-label="Sandbox tiers" className="border-b border-line">
      <h2 className="section-title flex items-baseline px-4 pt-4 pb-2">
        Sandbox tiers
        <Link to="/doctor" className="ml-auto font-normal text-text-3 hover:text-text hover:underline">
          Doctor
        </Link>
      </h2>
      {tiers.length === 0 && <p className="border-t border-line px-4 py-1.5 text-text-3">They are being looked at.</p>}
      <ul>
        {ordered.map((tier) => (
          <li key={tier.tier} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-t border-line px-4 py-1.5">
            <span className="truncate">
              <span className="font-medium">{nameOf(tier.tier).name}</span>{' '}
              <span className="text-text-2">{nameOf(tier.tier).wall}</span>
            </span>
            <StatusBadge look={tierLook(tier.status, anyWalled)} />
            <span className="col-span-2 text-xs text-text-3">{tier.cause}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
