import clsx from 'clsx'
import { X } from 'lucide-react'
import { useState } from 'react'
import { ComboBox } from 'react-aria-components/ComboBox'
import { Input } from 'react-aria-components/Input'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { useAgentsByName } from '@/lib/agents-by-name'
import { shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'

/** So many names are offered; typing finds the others. */
const OFFERED = 50

export interface AgentChoiceProps {
  /** The id of the chosen agent. */
  readonly value: string | undefined
  readonly onChange: (id: string | undefined) => void
}

/** One of the agents, found by typing a part of its name: there may be thousands. */
export function AgentChoice({ value, onChange }: AgentChoiceProps) {
  const [typed, setTyped] = useState('')
  const chosen = useRead('agents.get', { id: value ?? '' }, { enabled: value !== undefined })
  const agents = useAgentsByName(typed, OFFERED)
  if (value !== undefined)
    return (
      <span className="flex h-7 max-w-44 min-w-0 items-center gap-1 rounded-md border border-line-strong pl-2">
        <span className="truncate">{chosen.data?.name ?? `agent ${shortId(value)}`}</span>
        <button
          type="button"
          aria-label="Show all agents"
          onClick={() => {
            setTyped('')
            onChange(undefined)
          }}
          className="flex size-6 shrink-0 items-center justify-center rounded-sm text-text-3 hover:bg-hover hover:text-text"
        >
          <X size={14} aria-hidden />
        </button>
      </span>
    )
  return (
    <ComboBox
      aria-label="Agent"
      items={agents}
      inputValue={typed}
      onInputChange={setTyped}
      // The engine has chosen already: what it found stays as it is.
      defaultFilter={() => true}
      menuTrigger="focus"
      allowsEmptyCollection
      onChange={(key) => {
        if (typeof key === 'string') onChange(key)
      }}
    >
      <Input
        placeholder="All agents"
        className="h-7 w-32 min-w-0 rounded-md border border-field-line bg-panel px-2 text-sm text-text"
      />
      <Popover className="w-72 rounded-md border border-line-strong bg-raised p-1 shadow-lift">
        <ListBox<(typeof agents)[number]>
          aria-label="Agents"
          className="max-h-72 overflow-y-auto outline-none"
          renderEmptyState={() => <p className="px-2 py-1 text-text-3">No agent has this name.</p>}
        >
          {(agent) => (
            <ListBoxItem
              id={agent.id}
              textValue={agent.name}
              className={({ isFocused }) =>
                clsx('flex h-7 cursor-default items-center rounded-sm px-2 outline-none', isFocused && 'bg-hover')
              }
            >
              <span className="truncate">{agent.name}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
