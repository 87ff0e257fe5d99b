import type { AgentState } from '@contract'
import clsx from 'clsx'
import { formatCount, plural } from '@/lib/format'
import { type AgentsSearch, joinedStates, statesOf } from '@/lib/search'
import {
  AGENT_LOOKS,
  AGENT_STATE_ORDER,
  Button,
  MODE_ORDER,
  MODES,
  PRIORITY_LOOKS,
  PRIORITY_ORDER,
  Select,
  StateShape,
  TIER_ORDER,
  TIERS,
  TypedInput,
} from '@/ui'

type Change = (change: Partial<AgentsSearch>) => void

interface ChipsProps {
  readonly states: readonly AgentState[]
  readonly counts: Partial<Record<AgentState, number>>
  readonly onChange: Change
}

/** Every state that an agent is in, with how many; a press narrows the list to it, another adds or takes away. */
function StateChips({ states, counts, onChange }: ChipsProps) {
  const shown = AGENT_STATE_ORDER.filter((state) => (counts[state] ?? 0) > 0 || states.includes(state))
  const toggle = (state: AgentState) =>
    onChange({
      state: joinedStates(states.includes(state) ? states.filter((other) => other !== state) : [...states, state]),
    })
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-1.5 border-b border-line px-4 py-1.5">
      <legend className="sr-only">States</legend>
      {shown.map((state) => {
        const look = AGENT_LOOKS[state]
        const on = states.includes(state)
        return (
          <button
            key={state}
            type="button"
            aria-pressed={on}
            onClick={() => toggle(state)}
            className={clsx(
              'flex h-6 items-center gap-1.5 rounded-full border px-2 text-xs select-none',
              on ? 'border-accent bg-selected font-medium' : 'border-line-strong hover:bg-hover',
            )}
          >
            <StateShape shape={look.shape} className={clsx('shrink-0', look.colour)} />
            {look.word}
            <span className="num text-text-3">{formatCount(counts[state] ?? 0)}</span>
          </button>
        )
      })}
    </fieldset>
  )
}

export interface AgentFiltersProps {
  readonly search: AgentsSearch
  readonly counts: Partial<Record<AgentState, number>>
  readonly matched: number | null
  readonly total: number
  readonly filtered: boolean
  readonly outdated: boolean
  /** Beside an open agent there is room for the text and the state only. */
  readonly compact: boolean
  /** The line of states gives its place to the chosen agents. */
  readonly chips: boolean
  readonly onChange: Change
  readonly onClear: () => void
}

/** What narrows the list; each choice stands in the address. */
export function AgentFilters(props: AgentFiltersProps) {
  const { search, counts, matched, total, filtered, outdated, compact, chips, onChange, onClear } = props
  const states = statesOf(search.state)
  const choice = <K extends 'tier' | 'mode' | 'priority'>(
    key: K,
    label: string,
    options: readonly { readonly value: NonNullable<AgentsSearch[K]>; readonly word: string }[],
  ) => (
    <Select
      aria-label={label}
      className="w-auto! max-w-36"
      value={search[key] ?? ''}
      onChange={(event) =>
        onChange({ [key]: options.find(({ value }) => value === event.target.value)?.value } as Partial<AgentsSearch>)
      }
    >
      <option value="">{label === 'Priority' ? 'Any priority' : `Any ${label.toLowerCase()}`}</option>
      {options.map(({ value, word }) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </Select>
  )
  return (
    <section aria-label="Filter">
      <div className="flex min-h-10 items-center gap-2 border-b border-line px-4 py-1.5">
        <TypedInput
          id="agent-filter"
          label="Filter agents"
          placeholder={compact ? 'Filter' : 'Filter by name, description or id'}
          value={search.q ?? ''}
          className={compact ? 'flex-1' : 'max-w-72 flex-1'}
          onValue={(q) => onChange({ q })}
        />
        {compact ? (
          <Select
            aria-label="State"
            className="w-28!"
            value={states.length > 1 ? 'several' : (states[0] ?? '')}
            onChange={(event) =>
              onChange({ state: AGENT_STATE_ORDER.find((candidate) => candidate === event.target.value) })
            }
          >
            <option value="">All states</option>
            {states.length > 1 && <option value="several">{states.length} states</option>}
            {AGENT_STATE_ORDER.map((candidate) => (
              <option key={candidate} value={candidate}>
                {AGENT_LOOKS[candidate].word}
              </option>
            ))}
          </Select>
        ) : (
          <>
            {choice(
              'tier',
              'Tier',
              TIER_ORDER.map((value) => ({ value, word: TIERS[value].name })),
            )}
            {choice(
              'mode',
              'Mode',
              MODE_ORDER.map((value) => ({ value, word: MODES[value].word })),
            )}
            {choice(
              'priority',
              'Priority',
              PRIORITY_ORDER.map((value) => ({ value, word: PRIORITY_LOOKS[value].word })),
            )}
            {filtered && (
              <Button variant="ghost" onPress={onClear}>
                Clear the filter
              </Button>
            )}
            {matched !== null && (
              <span className="num ml-auto text-xs whitespace-nowrap text-text-3" aria-live="polite">
                {outdated
                  ? 'searching'
                  : matched === total
                    ? plural(total, 'agent')
                    : `${formatCount(matched)} of ${plural(total, 'agent')}`}
              </span>
            )}
          </>
        )}
      </div>
      {chips && <StateChips states={states} counts={counts} onChange={onChange} />}
    </section>
  )
}
