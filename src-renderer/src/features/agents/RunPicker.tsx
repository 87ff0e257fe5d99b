import type { Execution } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { formatDateTime } from '@/lib/format'
import { EXECUTION_LOOKS, Select } from '@/ui'

export interface RunPickerProps {
  readonly runs: readonly Execution[]
  readonly chosen: Execution
}

/** Which run is looked at. */
export function RunPicker({ runs, chosen }: RunPickerProps) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/agents' })
  return (
    <Select
      aria-label="Shown run"
      className="num h-6! w-52! wide:w-72! text-xs"
      value={chosen.id}
      onChange={(event) => void navigate({ to: '.', search: { ...search, run: event.target.value }, replace: true })}
    >
      {runs.map((run, index) => (
        <option key={run.id} value={run.id}>
          {index === 0 ? 'Latest, ' : ''}
          {formatDateTime(run.startedAtMs)}, {EXECUTION_LOOKS[run.state].word.toLowerCase()}
        </option>
      ))}
    </Select>
  )
}
