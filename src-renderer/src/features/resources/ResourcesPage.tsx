import type { AgentId, ResourceOverview } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { SchedulerPanel } from '@/features/scheduler'
import { plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { HISTORY_WINDOWS, type ResourcesSearch } from '@/lib/search'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Age, Loaded, Notice, PageHeader, SkeletonBlock, Tabs, Updated } from '@/ui'
import { Alerts } from './Alerts'
import { BreakersTab } from './BreakersTab'
import { GrantsTable } from './GrantsTable'
import { HistoryCharts } from './HistoryCharts'
import { Meters } from './Meters'
import { ViolationsTab } from './ViolationsTab'

type Tab = 'use' | NonNullable<ResourcesSearch['tab']>

interface UseTabProps {
  readonly overview: ResourceOverview
  readonly search: ResourcesSearch
  readonly change: (part: Partial<ResourcesSearch>) => void
}

function UseTab({ overview, search, change }: UseTabProps) {
  const { agent } = search
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Meters overview={overview} />
      <Alerts overview={overview} />
      <h2 className="section-title shrink-0 border-b border-line px-4 pt-3 pb-1.5">Runs with a grant</h2>
      <GrantsTable overview={overview} selectedAgentId={agent} onSelect={(agentId) => change({ agent: agentId })} />
      <HistoryCharts
        overview={overview}
        window={search.window ?? '5m'}
        onWindow={(window) => change({ window: window === '5m' ? undefined : window })}
        agentId={agent as AgentId | undefined}
        agentName={overview.allocations.find((one) => one.agentId === agent)?.agentName}
        onClear={() => change({ agent: undefined })}
      />
    </div>
  )
}

/** What there is, what is granted and used of it now and before, who went beyond, and what is resting or waits. */
export function ResourcesPage() {
  const navigate = useNavigate()
  const search = useSearch({ from: '/resources' })
  const tab: Tab = search.tab ?? 'use'
  const read = useRead('resources.overview', {})
  const breakers = useRead('breakers.list', {})
  const open = breakers.data?.filter(({ state }) => state !== 'closed').length
  const change = (part: Partial<ResourcesSearch>) =>
    void navigate({ to: '/resources', search: { ...search, ...part }, replace: true })
  useShortcuts([
    {
      keys: 'w',
      label: 'Next window of the history',
      group: 'Resources',
      run: () => {
        const next = HISTORY_WINDOWS[(HISTORY_WINDOWS.indexOf(search.window ?? '5m') + 1) % HISTORY_WINDOWS.length]
        change({ window: next === '5m' ? undefined : next })
      },
    },
    { keys: 'Escape', label: 'Show all agents', group: 'Resources', run: () => change({ agent: undefined }) },
  ])
  return (
    <>
      <PageHeader
        title="Resources"
        note={
          read.data === undefined ? undefined : (
            <span className="num">
              {plural(read.data.allocations.length, 'run')} {read.data.allocations.length === 1 ? 'holds' : 'hold'} a
              grant · <Updated atMs={read.dataUpdatedAt} />
            </span>
          )
        }
      />
      <Tabs<Tab>
        label="Resources"
        items={[
          { id: 'use', label: 'Use' },
          { id: 'violations', label: 'Violations' },
          { id: 'breakers', label: 'Breakers', count: open === 0 ? undefined : open },
          { id: 'queue', label: 'Back-ends and queue' },
        ]}
        selected={tab}
        onSelect={(id) => change({ tab: id === 'use' ? undefined : id })}
      >
        {tab === 'violations' ? (
          <ViolationsTab />
        ) : tab === 'breakers' ? (
          <BreakersTab />
        ) : tab === 'queue' ? (
          <SchedulerPanel />
        ) : (
          <Loaded read={read} skeleton={<SkeletonBlock />}>
            {(overview) => (
              <>
                {read.isRefetchError && (
                  <Notice tone="wait" role="alert" title="These figures are old: they could not be read anew.">
                    Read <Age atMs={read.dataUpdatedAt} />. What runs goes on, and its limits hold.
                  </Notice>
                )}
                <UseTab overview={overview} search={search} change={change} />
              </>
            )}
          </Loaded>
        )}
      </Tabs>
    </>
  )
}
