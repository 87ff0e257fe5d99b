import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useRead } from '@/lib/queries'
import { useNarrow } from '@/lib/use-narrow'
import { useShortcuts } from '@/lib/use-shortcuts'
import { useViewState } from '@/lib/view-state'
import { IconButton, Tooltip } from '@/ui'
import { NAV, type NavItem } from './nav'
import { ProductMark } from './ProductMark'

function RailLink({ item, count, collapsed }: { item: NavItem; count: number; collapsed: boolean }) {
  const link = (
    <Link
      to={item.to}
      activeOptions={{ exact: item.to === '/', includeSearch: false }}
      activeProps={{ 'aria-current': 'page' }}
      {...(count > 0 ? { 'aria-description': `${count} waiting` } : {})}
      aria-label={item.label}
      className={clsx(
        'relative flex h-8 items-center gap-2.5 rounded-md text-text-2 hover:bg-hover hover:text-text',
        'aria-[current=page]:bg-active aria-[current=page]:font-medium aria-[current=page]:text-text',
        collapsed ? 'w-9 justify-center' : 'px-2.5',
      )}
    >
      <item.icon size={16} aria-hidden className="shrink-0" />
      {!collapsed && <span className="flex-1 truncate">{item.label}</span>}
      {count > 0 &&
        (collapsed ? (
          <span className="absolute top-1 right-1 size-1.5 rounded-full bg-wait" aria-hidden />
        ) : (
          <span className="num text-xs font-medium text-wait" aria-hidden>
            {count}
          </span>
        ))}
    </Link>
  )
  return collapsed ? <Tooltip text={item.label}>{link}</Tooltip> : link
}

/** The pages at the left; collapses to icons and remembers that. */
export function Rail() {
  const chosen = useViewState((state) => state.railCollapsed)
  const setCollapsed = useViewState((state) => state.setRailCollapsed)
  const isNarrow = useNarrow()
  const collapsed = chosen ?? isNarrow
  const overview = useRead('system.overview', {}).data
  const waiting: Partial<Record<NavItem['to'], number>> = {
    '/approvals': overview?.pendingApprovals ?? 0,
    '/reviews': (overview?.pendingReviews ?? 0) + (overview?.changedTools ?? 0),
  }
  const toggle = () => setCollapsed(!collapsed)
  useShortcuts([{ keys: '[', label: 'Collapse or expand the rail', group: 'General', run: toggle }])
  return (
    <nav
      aria-label="Main"
      className={clsx(
        'flex shrink-0 flex-col border-r border-line bg-frame py-2',
        collapsed ? 'w-[53px] px-2' : 'w-52 px-2',
      )}
    >
      <div className={clsx('mb-3 flex h-8 items-center gap-2.5', collapsed ? 'justify-center' : 'px-2.5')}>
        <ProductMark />
        {!collapsed && <span className="truncate text-md font-semibold tracking-[-0.01em]">Symbi Console</span>}
      </div>
      <ul className="flex flex-1 flex-col gap-0.5">
        {NAV.map((item) => (
          <li key={item.to} className={item.to === '/doctor' ? 'mt-auto' : undefined}>
            <RailLink item={item} count={waiting[item.to] ?? 0} collapsed={collapsed} />
          </li>
        ))}
      </ul>
      <div className={clsx('mt-2 flex border-t border-line pt-2', collapsed ? 'justify-center' : 'px-1')}>
        <IconButton label={collapsed ? 'Expand the rail' : 'Collapse the rail'} keyHint="[" onPress={toggle}>
          {collapsed ? <PanelLeftOpen size={16} aria-hidden /> : <PanelLeftClose size={16} aria-hidden />}
        </IconButton>
      </div>
    </nav>
  )
}
