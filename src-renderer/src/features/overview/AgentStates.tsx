import type { Overview } from '@contract'
import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import { AGENT_LOOKS, AGENT_STATE_ORDER, StateShape } from '@/ui'

/** How many agents are in each state; each count opens the list filtered to it. */
export function AgentStates({ counts }: { readonly counts: Overview['agentsByState'] }) {
  const total = AGENT_STATE_ORDER.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  return (
    <section aria-label="Agents by state" className="border-b border-line">
      <h2 className="section-title px-4 pt-4 pb-1">
        Agents, <span className="num">{total}</span> in all
      </h2>
      <ul className="flex flex-wrap px-2 pb-3">
        {AGENT_STATE_ORDER.map((state) => {
          const count = counts[state] ?? 0
          const look = AGENT_LOOKS[state]
          return (
            <li key={state}>
              <Link
                to="/agents"
                search={{ state }}
                aria-label={`${count} ${state}`}
                className="flex min-w-24 flex-col rounded-md px-2 py-1.5 hover:bg-hover"
              >
                <span
                  className={clsx(
                    'num text-xl font-semibold tracking-[-0.02em]',
                    count === 0 && 'font-normal text-text-3',
                  )}
                >
                  {count}
                </span>
                <span className={clsx('flex items-center gap-1.5 text-xs', count === 0 ? 'text-text-3' : look.colour)}>
                  <StateShape shape={look.shape} />
                  {look.word}
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
