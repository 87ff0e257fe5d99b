import type { Execution } from '@contract'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useNow } from '@/lib/clock'
import { formatBytes, formatDateTime, formatDuration } from '@/lib/format'
import { useTight } from '@/lib/use-narrow'
import {
  Age,
  type Column,
  CopyButton,
  END_CAUSES,
  EXECUTION_LOOKS,
  Fact,
  Facts,
  JsonView,
  Loaded,
  Notice,
  ORIGINS,
  PRIORITY_LOOKS,
  StatusBadge,
  TIERS,
  UntrustedText,
  VirtualTable,
} from '@/ui'
import { CancelRun } from './CancelRun'
import type { RunTabProps } from './LogTab'
import { NoRuns } from './NoRuns'
import { useChosenRun } from './use-chosen-run'
import { WaitingRuns } from './WaitingRuns'

function Took({ run }: { readonly run: Execution }) {
  const now = useNow()
  if (run.state === 'queued') return <span className="text-text-3">waits</span>
  return <span className="num">{formatDuration(Math.max(0, (run.endedAtMs ?? now) - run.startedAtMs))}</span>
}

const columnsFor = (narrow: boolean): readonly Column<Execution>[] => [
  { id: 'state', title: 'State', track: '6.5rem', cell: (run) => <StatusBadge look={EXECUTION_LOOKS[run.state]} /> },
  {
    id: 'cause',
    title: 'Cause of end',
    track: 'minmax(6rem,1fr)',
    cell: (run) => <span className="text-text-2">{run.endCause === null ? '' : END_CAUSES[run.endCause]}</span>,
  },
  {
    id: 'origin',
    title: 'Asked for by',
    track: 'minmax(5rem,0.8fr)',
    cell: (run) => (
      <span className="text-text-2">
        {ORIGINS[run.origin]}
        {run.attempt > 1 && `, attempt ${run.attempt}`}
      </span>
    ),
  },
  ...(narrow
    ? []
    : [
        {
          id: 'backend',
          title: 'Back-end',
          track: 'minmax(5rem,0.6fr)',
          cell: (run: Execution) => <span className="font-mono text-xs text-text-2">{run.backend ?? ''}</span>,
        },
      ]),
  {
    id: 'exit',
    title: 'Exit',
    track: '2rem',
    align: 'end',
    cell: (run) => <span className="num">{run.exitCode ?? ''}</span>,
  },
  { id: 'took', title: 'Took', track: '5rem', align: 'end', cell: (run) => <Took run={run} /> },
  {
    id: 'started',
    title: 'Started',
    track: '5rem',
    align: 'end',
    cell: (run) => <Age atMs={run.startedAtMs} className="num text-text-2" />,
  },
]

function RunDetail({ run }: { readonly run: Execution }) {
  return (
    <div className="flex flex-col gap-4 overflow-y-auto border-t border-line-strong px-4 py-3">
      {run.endedAtMs === null && (
        <div>
          <CancelRun run={run} />
        </div>
      )}
      {run.errorCode !== null && (
        <Notice tone="bad" title={<UntrustedText text={run.errorMessage ?? 'The run failed.'} />}>
          {run.errorNextStep} <span className="font-mono text-xs text-text-3">{run.errorCode}</span>
        </Notice>
      )}
      <Facts>
        <Fact name="Asked for">
          <span className="num">
            {formatDateTime(run.queuedAtMs)} by {ORIGINS[run.origin]}
            {run.attempt > 1 && `, attempt ${run.attempt}`}
          </span>
        </Fact>
        <Fact name="Priority">
          <span className={PRIORITY_LOOKS[run.priority].colour}>{PRIORITY_LOOKS[run.priority].word}</span>
        </Fact>
        <Fact name="Started">
          <span className="num">
            {run.state === 'queued' ? (
              'waits in the queue'
            ) : (
              <>
                {formatDateTime(run.startedAtMs)}
                <span className="text-text-3">, waited {formatDuration(run.startedAtMs - run.queuedAtMs)}</span>
              </>
            )}
          </span>
        </Fact>
        <Fact name="Back-end">
          {run.backend === null ? (
            <span className="text-text-3">none yet</span>
          ) : (
            <span className="font-mono text-xs">{run.backend}</span>
          )}
        </Fact>
        <Fact name="Ended">
          <span className="num">{run.endedAtMs === null ? 'goes on' : formatDateTime(run.endedAtMs)}</span>
        </Fact>
        <Fact name="Version">
          <span className="num">{run.agentVersion}</span>
        </Fact>
        <Fact name="Tier">
          {TIERS[run.tier].name}, {TIERS[run.tier].wall}
        </Fact>
        <Fact name="Peak memory">
          <span className="num">{run.peakMemoryBytes === null ? 'not known' : formatBytes(run.peakMemoryBytes)}</span>
        </Fact>
        <Fact name="CPU time">
          <span className="num">{run.cpuTimeMs === null ? 'not known' : formatDuration(run.cpuTimeMs)}</span>
        </Fact>
        {run.sandbox !== null && (
          <>
            <Fact name="Sandbox">
              {run.sandbox.backend} <span className="font-mono text-xs text-text-3">{run.sandbox.id.slice(0, 24)}</span>
            </Fact>
            {run.sandbox.image !== null && (
              <Fact name="Image">
                <span className="font-mono text-xs">{run.sandbox.image}</span>
              </Fact>
            )}
            <Fact name="Not enforced">
              {run.sandbox.notEnforced.length === 0 ? (
                'every limit is enforced'
              ) : (
                <span className="text-wait">{run.sandbox.notEnforced.join(', ')}</span>
              )}
            </Fact>
          </>
        )}
        <Fact name="Correlation id">
          <span className="flex items-center gap-1">
            <Link
              to="/audit"
              search={{ correlationId: run.correlationId }}
              className="font-mono text-xs text-accent underline underline-offset-2"
            >
              {run.correlationId}
            </Link>
            <CopyButton text={run.correlationId} label="Copy the correlation id" />
          </span>
        </Fact>
      </Facts>
      <div className="grid min-w-0 gap-4 wide:grid-cols-2">
        <section className="min-w-0">
          <h2 className="section-title mb-1">Input</h2>
          <JsonView value={run.input} label="Run input" className="max-h-64" />
        </section>
        <section className="min-w-0">
          <h2 className="section-title mb-1">Output</h2>
          {run.output === null && run.endedAtMs === null ? (
            <p className="text-text-3">It appears when the run ends.</p>
          ) : (
            <JsonView value={run.output} label="Run output" className="max-h-64" />
          )}
        </section>
      </div>
    </div>
  )
}

const WIDE = columnsFor(false)
const NARROW = columnsFor(true)

/** Every run of the agent; the chosen one in full below. */
export function RunsTab({ agent, runId, onRun }: RunTabProps) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/agents' })
  const narrow = useTight()
  const { read, chosen } = useChosenRun(agent.id, runId)
  return (
    <Loaded read={read}>
      {(runs) =>
        chosen === undefined ? (
          <NoRuns agent={agent} onRun={onRun} />
        ) : (
          <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(7rem,2fr)_minmax(0,3fr)]">
            <div className="flex min-h-0 flex-col">
              <WaitingRuns agent={agent} />
              <VirtualTable
                label="Runs"
                rows={runs}
                columns={narrow ? NARROW : WIDE}
                rowKey={(run) => run.id}
                selectedKey={chosen.id}
                onSelect={(run) => void navigate({ to: '.', search: { ...search, run: run.id }, replace: true })}
              />
            </div>
            <RunDetail run={chosen} />
          </div>
        )
      }
    </Loaded>
  )
}
