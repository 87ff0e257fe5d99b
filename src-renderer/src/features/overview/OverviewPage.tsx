import type { Overview } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import { useRead } from '@/lib/queries'
import { Button, IconButton, Loaded, PageHeader, SkeletonRows, Updated } from '@/ui'
import { AgentStates } from './AgentStates'
import { EngineNumbers } from './EngineNumbers'
import { PartsHealth } from './PartsHealth'
import { RecentRuns } from './RecentRuns'
import { Tiers } from './Tiers'
import { Waiting } from './Waiting'

/** The engine's own figures are samples, which no event announces; they are taken while this page is looked at. */
const SAMPLE_MS = 10_000

function Content({ overview }: { readonly overview: Overview }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <Waiting overview={overview} />
      <AgentStates counts={overview.agentsByState} />
      <div className="grid min-w-0 flex-1 min-[960px]:grid-cols-[minmax(0,3fr)_minmax(20rem,2fr)]">
        <RecentRuns runs={overview.recentExecutions} />
        <div className="border-line min-[960px]:border-l">
          <PartsHealth parts={overview.health} />
          <Tiers tiers={overview.tiers} />
          <EngineNumbers overview={overview} />
        </div>
      </div>
    </div>
  )
}

/** The first page: the eye goes to what is wrong or waiting. */
export function OverviewPage() {
  const navigate = useNavigate()
  const read = useRead('system.overview', {}, { sampleEveryMs: SAMPLE_MS })
  return (
    <>
      <PageHeader title="Overview" note={<Updated atMs={read.data?.sampledAtMs ?? 0} />}>
        <IconButton
          label="Refresh"
          busy={read.isFetching && read.data === undefined}
          onPress={() => void read.refetch()}
        >
          <RefreshCw size={16} aria-hidden />
        </IconButton>
        <Button variant="primary" onPress={() => void navigate({ to: '/agents/new' })}>
          New agent
        </Button>
      </PageHeader>
      <Loaded read={read} skeleton={<SkeletonRows rows={12} />}>
        {(overview) => <Content overview={overview} />}
      </Loaded>
    </>
  )
}
