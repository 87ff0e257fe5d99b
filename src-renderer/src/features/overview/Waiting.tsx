import type { Overview } from '@contract'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { plural } from '@/lib/format'
import { StateShape } from '@/ui'
import type { ShapeName } from '@/ui/StateShape'

interface WaitingItem {
  readonly id: string
  readonly shape: ShapeName
  readonly colour: string
  readonly text: string
  readonly hint: string
  readonly to: '/approvals' | '/reviews' | '/agents'
  readonly search: { readonly state?: 'Waiting' | 'Failed' | 'Unreachable' }
}

const items = (overview: Overview): readonly WaitingItem[] => {
  const { changedTools, pendingApprovals, pendingReviews, serversFailed, agentsByState } = overview
  const failed = agentsByState.Failed ?? 0
  const waiting = agentsByState.Waiting ?? 0
  const all: readonly (WaitingItem & { readonly count: number })[] = [
    {
      id: 'approvals',
      count: pendingApprovals,
      shape: 'half',
      colour: 'text-wait',
      text: `${plural(pendingApprovals, 'act')} to approve`,
      hint: 'denied when nobody decides in time',
      to: '/approvals',
      search: {},
    },
    {
      id: 'changed',
      count: changedTools,
      shape: 'triangle',
      colour: 'text-bad',
      text: `${plural(changedTools, 'tool')} changed after approval`,
      hint: 'blocked until you decide again',
      to: '/reviews',
      search: {},
    },
    {
      id: 'servers',
      count: serversFailed,
      shape: 'cross',
      colour: 'text-bad',
      text: `${plural(serversFailed, 'tool server')} failed`,
      hint: 'reconnect or remove',
      to: '/reviews',
      search: {},
    },
    {
      id: 'failed',
      count: failed,
      shape: 'cross',
      colour: 'text-bad',
      text: `${plural(failed, 'agent')} failed`,
      hint: 'read the cause',
      to: '/agents',
      search: { state: 'Failed' },
    },
    {
      id: 'pending',
      count: pendingReviews,
      shape: 'half',
      colour: 'text-wait',
      text: `${plural(pendingReviews, 'tool')} to review`,
      hint: 'no agent can call them until then',
      to: '/reviews',
      search: {},
    },
    {
      id: 'waiting',
      count: waiting,
      shape: 'half',
      colour: 'text-wait',
      text: `${plural(waiting, 'agent')} waiting`,
      hint: 'for an answer or a resource',
      to: '/agents',
      search: { state: 'Waiting' },
    },
  ]
  return all.filter((item) => item.count > 0)
}

/** What needs a person, worst first; or that nothing does. */
export function Waiting({ overview }: { readonly overview: Overview }) {
  const waiting = items(overview)
  return (
    <section aria-label="Waiting for you" className="border-b border-line">
      <h2 className="section-title px-4 pt-4 pb-1">Waiting for you</h2>
      {waiting.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 pt-1 pb-4 text-text-2">
          <StateShape shape="check" className="text-ok" />
          Nothing. No act and no tool waits for a decision, nothing has failed.
        </p>
      ) : (
        <ul className="pb-2">
          {waiting.map((item) => (
            <li key={item.id}>
              <Link
                to={item.to}
                search={item.search}
                className="group flex h-8 items-center gap-2.5 px-4 outline-offset-[-2px] hover:bg-hover"
              >
                <StateShape shape={item.shape} className={item.colour} />
                <span className="num font-medium">{item.text}</span>
                <span className="truncate text-text-3">{item.hint}</span>
                <ChevronRight size={14} aria-hidden className="ml-auto text-text-3 group-hover:text-text" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
