import { type AppError, issueFor } from '@/lib/app-error'
import { Field, PRIORITY_LOOKS, PRIORITY_ORDER, Select, TextArea, TextInput } from '@/ui'
import { CATCH_UP_ORDER, CATCH_UPS } from './looks'
import type { ScheduleDraft } from './schedule-draft'

export interface RuleFieldsProps {
  readonly draft: ScheduleDraft
  readonly error: AppError | null
  readonly inputIssue: string | undefined
  readonly onChange: (change: Partial<ScheduleDraft>) => void
}

type NumberKey = 'jitterS' | 'maxConcurrent' | 'maxRetries' | 'retryDelayS' | 'deadLetterAfter' | 'keepRuns'

const NUMBERS: readonly {
  readonly key: NumberKey
  readonly path: string
  readonly label: string
  readonly hint: string
}[] = [
  { key: 'jitterS', path: 'jitterMs', label: 'Jitter', hint: 'seconds later at most, by chance' },
  { key: 'maxConcurrent', path: 'maxConcurrent', label: 'Runs at once', hint: 'a time that finds as many is skipped' },
  { key: 'maxRetries', path: 'maxRetries', label: 'Retries', hint: 'of a run that failed' },
  { key: 'retryDelayS', path: 'retryDelayMs', label: 'Retry delay', hint: 'seconds, twice as long each time' },
  { key: 'deadLetterAfter', path: 'deadLetterAfter', label: 'Set aside after', hint: 'failed times in a row' },
  { key: 'keepRuns', path: 'keepRuns', label: 'History', hint: 'ended runs that are kept' },
]

/** What each run is given, and what holds when times are missed or runs fail. */
export function RuleFields({ draft, error, inputIssue, onChange }: RuleFieldsProps) {
  return (
    <>
      <Field label="Input" optional hint="JSON that each run receives." error={inputIssue ?? issueFor(error, 'input')}>
        {(control) => (
          <TextArea
            {...control}
            rows={3}
            className="font-mono text-xs"
            value={draft.input}
            onChange={(event) => onChange({ input: event.target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Missed times" hint={CATCH_UPS[draft.catchUp].gloss}>
          {(control) => (
            <Select
              {...control}
              value={draft.catchUp}
              onChange={(event) =>
                onChange({ catchUp: CATCH_UP_ORDER.find((rule) => rule === event.target.value) ?? draft.catchUp })
              }
            >
              {CATCH_UP_ORDER.map((rule) => (
                <option key={rule} value={rule}>
                  {CATCH_UPS[rule].word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Priority" hint="In place of the agent's own.">
          {(control) => (
            <Select
              {...control}
              value={draft.priority}
              onChange={(event) =>
                onChange({ priority: PRIORITY_ORDER.find((level) => level === event.target.value) ?? '' })
              }
            >
              <option value="">As the agent</option>
              {PRIORITY_ORDER.map((level) => (
                <option key={level} value={level}>
                  {PRIORITY_LOOKS[level].word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {NUMBERS.map(({ key, path, label, hint }) => (
          <Field key={key} label={label} hint={hint} error={issueFor(error, path)}>
            {(control) => (
              <TextInput
                {...control}
                inputMode="decimal"
                className="num"
                value={draft[key]}
                onChange={(event) => onChange({ [key]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
    </>
  )
}
