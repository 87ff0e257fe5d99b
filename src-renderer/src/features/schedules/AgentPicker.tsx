import { useEffect, useMemo, useState } from 'react'
import { useRead } from '@/lib/queries'
import { MODES } from '@/ui'
import { SearchSelect } from './SearchSelect'

export interface AgentPickerProps {
  readonly value: string
  readonly onChange: (agentId: string) => void
  readonly error?: string | undefined
}

const MOST = 50

/** The agents that a schedule can run, found by name. */
export function AgentPicker({ value, onChange, error }: AgentPickerProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const chosen = useRead('agents.get', { id: value }, { enabled: value !== '' })
  const name = chosen.data?.name
  const text = typed ?? name ?? ''
  // What is chosen is no filter: opening the list shows the others too.
  const filter = typed === null || typed === name ? '' : typed.trim()
  const page = useRead(
    'agents.page',
    {
      filter: {
        ...(filter === '' ? {} : { text: filter }),
        modes: ['persistent', 'ephemeral', 'scheduled', 'event-driven'],
      },
      sort: { by: 'name', descending: false },
      offset: 0,
      limit: MOST,
    },
    { keepPrevious: true },
  )
  useEffect(() => {
    if (name !== undefined) setTyped(null)
  }, [name])
  const choices = useMemo(
    () =>
      (page.data?.items ?? [])
        .filter((agent) => agent.state !== 'Terminated' && agent.state !== 'Terminating')
        .map((agent) => ({ id: agent.id as string, text: agent.name, note: MODES[agent.mode].word })),
    [page.data],
  )
  return (
    <SearchSelect
      label="Agent"
      placeholder="Type a name"
      choices={choices}
      typed={text}
      onTyped={setTyped}
      selected={value === '' ? null : value}
      onSelect={(id) => {
        setTyped(choices.find((choice) => choice.id === id)?.text ?? null)
        onChange(id)
      }}
      error={error}
    />
  )
}
