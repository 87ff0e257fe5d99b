import type { Schedule } from '@contract'
import { useMemo, useState } from 'react'
import { fieldIssues, issueFor } from '@/lib/app-error'
import { type Outcome, useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, Select, TextInput, toastDone } from '@/ui'
import { AgentPicker } from './AgentPicker'
import { RuleFields } from './RuleFields'
import { definitionOf, draftIssues, draftOf, emptyDraft, type ScheduleDraft, whenOf } from './schedule-draft'
import { useSettled } from './use-settled'
import { useComing, WhenPreview } from './WhenPreview'
import { ZonePicker } from './ZonePicker'

export interface ScheduleDialogProps {
  /** What is changed; null makes a new one. */
  readonly schedule: Schedule | null
  readonly onClose: () => void
  readonly onSaved: (schedule: Schedule) => void
}

/** Patterns to begin with. */
const EXAMPLES: readonly { readonly pattern: string; readonly label: string }[] = [
  { pattern: '*/15 * * * *', label: 'every 15 minutes' },
  { pattern: '0 * * * *', label: 'every hour' },
  { pattern: '0 9 * * 1-5', label: 'working days at 09:00' },
  { pattern: '0 2 * * *', label: 'every night at 02:00' },
  { pattern: '0 8 1 * *', label: 'the first of each month' },
]

interface WhenFieldsProps {
  readonly draft: ScheduleDraft
  readonly nowMs: number
  readonly atIssue: string | undefined
  readonly onChange: (change: Partial<ScheduleDraft>) => void
}

function WhenFields({ draft, nowMs, atIssue, onChange }: WhenFieldsProps) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">When</legend>
      <div className="flex gap-4">
        {(['cron', 'once'] as const).map((kind) => (
          <label key={kind} className="flex items-center gap-2">
            <input
              type="radio"
              name="kind"
              className="accent-accent-solid"
              checked={draft.kind === kind}
              onChange={() => onChange({ kind })}
            />
            {kind === 'cron' ? 'Again and again, by a pattern' : 'Once'}
          </label>
        ))}
      </div>
      {draft.kind === 'cron' ? (
        <div className="grid grid-cols-[minmax(0,1fr)_11rem] gap-3">
          <Field label="Pattern" hint="Minute, hour, day, month, weekday; seconds before and a year after if you like.">
            {(control) => (
              <TextInput
                {...control}
                className="font-mono text-xs"
                value={draft.pattern}
                onChange={(event) => onChange({ pattern: event.target.value })}
              />
            )}
          </Field>
          <Field label="Start from">
            {(control) => (
              <Select
                {...control}
                value={EXAMPLES.some(({ pattern }) => pattern === draft.pattern) ? draft.pattern : ''}
                onChange={(event) => {
                  if (event.target.value !== '') onChange({ pattern: event.target.value })
                }}
              >
                <option value="">an example</option>
                {EXAMPLES.map(({ pattern, label }) => (
                  <option key={pattern} value={pattern}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      ) : (
        <Field label="Day and time" hint="As the clock of the time zone shows it." error={atIssue}>
          {(control) => (
            <TextInput
              {...control}
              type="datetime-local"
              step={1}
              className="num max-w-60"
              value={draft.at}
              onChange={(event) => onChange({ at: event.target.value })}
            />
          )}
        </Field>
      )}
      <ZonePicker value={draft.zone} nowMs={nowMs} onChange={(zone) => onChange({ zone })} />
    </fieldset>
  )
}

/** Make a schedule or change one; its next times are shown while it is typed. */
export function ScheduleDialog({ schedule, onClose, onSaved }: ScheduleDialogProps) {
  const [openedAtMs] = useState(() => Date.now())
  const [draft, setDraft] = useState<ScheduleDraft>(() =>
    schedule === null ? emptyDraft(openedAtMs) : draftOf(schedule.definition, openedAtMs),
  )
  const [tried, setTried] = useState(false)
  const create = useCommand('schedules.create')
  const edit = useCommand('schedules.edit')
  const { busy, error } = schedule === null ? create : edit
  const change = (part: Partial<ScheduleDraft>) => setDraft((current) => ({ ...current, ...part }))
  const { kind, pattern, at, zone } = draft
  const when = useMemo(() => whenOf({ kind, pattern, at, zone }), [kind, pattern, at, zone])
  const coming = useComing(useSettled(when), openedAtMs, 6)
  const issues = draftIssues(draft)
  const shown = tried ? issues : {}
  const submit = async () => {
    setTried(true)
    if (Object.keys(issues).length > 0) return
    const definition = definitionOf(draft)
    const outcome: Outcome<Schedule> =
      schedule === null
        ? await create.run({ definition })
        : await edit.run({ id: schedule.id, baseVersion: schedule.version, definition })
    if (!outcome.ok) return
    toastDone(schedule === null ? `${definition.name} is scheduled.` : `${definition.name} is changed.`)
    onSaved(outcome.value)
  }
  return (
    <Dialog
      title={schedule === null ? 'New schedule' : `Edit ${schedule.definition.name}`}
      isOpen
      onClose={onClose}
      width="wide"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} isDisabled={coming.error !== null} onPress={() => void submit()}>
            {schedule === null ? 'Create schedule' : 'Save schedule'}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)_18rem] gap-5">
        <div className="flex min-w-0 flex-col gap-4">
          {error !== null && <ErrorNotice error={error} />}
          {fieldIssues(error).length > 0 && <p className="sr-only">The fields in question are marked.</p>}
          <div className="grid grid-cols-2 gap-3">
            <Field label="Name" error={shown.name ?? issueFor(error, 'name')}>
              {(control) => (
                <TextInput
                  {...control}
                  autoFocus
                  maxLength={80}
                  value={draft.name}
                  onChange={(event) => change({ name: event.target.value })}
                />
              )}
            </Field>
            <AgentPicker
              value={draft.agentId}
              onChange={(agentId) => change({ agentId })}
              error={shown.agentId ?? issueFor(error, 'agentId')}
            />
          </div>
          <WhenFields draft={draft} nowMs={openedAtMs} atIssue={shown.at} onChange={change} />
          <RuleFields draft={draft} error={error} inputIssue={shown.input} onChange={change} />
        </div>
        <div className="sticky top-0 self-start">
          <WhenPreview coming={coming} />
        </div>
      </div>
    </Dialog>
  )
}
