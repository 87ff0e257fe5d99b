import type { Capability } from '@contract'
import { useId } from 'react'
import { type AppError, fieldIssues, issueFor } from '@/lib/app-error'
import {
  CodeEditor,
  ErrorNotice,
  Field,
  MODE_ORDER,
  MODES,
  PRIORITY_LOOKS,
  PRIORITY_ORDER,
  Select,
  TextArea,
  TextInput,
} from '@/ui'
import { type AgentDraft, CAPABILITIES, CAPABILITY_ORDER } from './agent-draft'
import { TierChoice } from './TierChoice'

export interface AgentFormProps {
  readonly draft: AgentDraft
  readonly error: AppError | null
  readonly onChange: (change: Partial<AgentDraft>) => void
  /** Fields that stand before and after the definition's own. */
  readonly before?: React.ReactNode
  readonly after?: React.ReactNode
}

interface LimitProps {
  readonly label: string
  readonly unit: string
  readonly path: string
  readonly value: string
  readonly error: AppError | null
  readonly onChange: (value: string) => void
}

function Limit({ label, unit, path, value, error, onChange }: LimitProps) {
  return (
    <Field label={label} hint={unit} error={issueFor(error, path)}>
      {(control) => (
        <TextInput
          {...control}
          inputMode="decimal"
          className="num"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

function CapabilityChoice({ draft, onChange }: Pick<AgentFormProps, 'draft' | 'onChange'>) {
  const toggle = (capability: Capability) =>
    onChange({
      capabilities: draft.capabilities.includes(capability)
        ? draft.capabilities.filter((held) => held !== capability)
        : [...draft.capabilities, capability],
    })
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 font-medium">Capabilities</legend>
      {CAPABILITY_ORDER.map((capability) => (
        <label key={capability} className="flex items-center gap-2">
          <input
            type="checkbox"
            className="accent-accent-solid"
            checked={draft.capabilities.includes(capability)}
            onChange={() => toggle(capability)}
          />
          <span className="w-20">{capability}</span>
          <span className="text-text-3">{CAPABILITIES[capability]}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** How it comes to run, how urgent it is, how many of its runs go on at once. */
function Running({ draft, error, onChange }: Pick<AgentFormProps, 'draft' | 'error' | 'onChange'>) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">Running</legend>
      <Field label="Mode" hint={MODES[draft.mode].gloss} error={issueFor(error, 'executionMode')}>
        {(control) => (
          <Select
            {...control}
            value={draft.mode}
            onChange={(event) =>
              onChange({ mode: MODE_ORDER.find((mode) => mode === event.target.value) ?? draft.mode })
            }
          >
            {MODE_ORDER.map((mode) => (
              <option key={mode} value={mode}>
                {MODES[mode].word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Priority" hint="in the queue" error={issueFor(error, 'priority')}>
          {(control) => (
            <Select
              {...control}
              value={draft.priority}
              onChange={(event) =>
                onChange({ priority: PRIORITY_ORDER.find((level) => level === event.target.value) ?? draft.priority })
              }
            >
              {PRIORITY_ORDER.map((level) => (
                <option key={level} value={level}>
                  {PRIORITY_LOOKS[level].word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {draft.mode === 'external' ? (
          <Limit
            label="Heartbeat"
            unit="seconds between reports"
            path="heartbeatIntervalMs"
            value={draft.heartbeatS}
            error={error}
            onChange={(heartbeatS) => onChange({ heartbeatS })}
          />
        ) : (
          <Limit
            label="Runs at once"
            unit="at most 32"
            path="concurrency"
            value={draft.concurrency}
            error={error}
            onChange={(concurrency) => onChange({ concurrency })}
          />
        )}
      </div>
    </fieldset>
  )
}

interface GlobsProps {
  readonly label: string
  readonly hint: string
  readonly path: string
  readonly rows: number
  readonly value: string
  readonly error: AppError | null
  readonly onChange: (value: string) => void
}

function Globs({ label, hint, path, rows, value, error, onChange }: GlobsProps) {
  return (
    <Field label={label} optional hint={hint} error={issueFor(error, path)}>
      {(control) => (
        <TextArea
          {...control}
          rows={rows}
          className="font-mono text-xs"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

/** The definition as a form: facts at the left, the program at the right. */
export function AgentForm({ draft, error, onChange, before, after }: AgentFormProps) {
  const sourceId = useId()
  const sourceIssue = issueFor(error, 'source')
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex w-80 shrink-0 flex-col gap-5 overflow-y-auto border-r border-line px-4 py-4 wide:w-[26rem]">
        {error !== null && <ErrorNotice error={error} />}
        {error !== null && fieldIssues(error).length > 0 && (
          <p className="sr-only">The fields in question are marked.</p>
        )}
        {before}
        <Field label="Name" error={issueFor(error, 'name')}>
          {(control) => (
            <TextInput {...control} value={draft.name} onChange={(event) => onChange({ name: event.target.value })} />
          )}
        </Field>
        <Field label="Description" optional error={issueFor(error, 'description')}>
          {(control) => (
            <TextInput
              {...control}
              value={draft.description}
              onChange={(event) => onChange({ description: event.target.value })}
            />
          )}
        </Field>
        <TierChoice
          value={draft.tier}
          onChange={(tier) => onChange({ tier })}
          error={issueFor(error, 'securityTier')}
        />
        <fieldset>
          <legend className="mb-1 font-medium">Limits</legend>
          <div className="grid grid-cols-2 gap-3">
            <Limit
              label="Memory"
              unit="MiB"
              path="limits.memoryMb"
              value={draft.memoryMb}
              error={error}
              onChange={(memoryMb) => onChange({ memoryMb })}
            />
            <Limit
              label="CPU"
              unit="cores, fractions allowed"
              path="limits.cpuCores"
              value={draft.cpuCores}
              error={error}
              onChange={(cpuCores) => onChange({ cpuCores })}
            />
            <Limit
              label="Longest run"
              unit="seconds"
              path="limits.executionTimeoutMs"
              value={draft.executionTimeoutS}
              error={error}
              onChange={(executionTimeoutS) => onChange({ executionTimeoutS })}
            />
            <Limit
              label="Longest idle"
              unit="seconds"
              path="limits.idleTimeoutMs"
              value={draft.idleTimeoutS}
              error={error}
              onChange={(idleTimeoutS) => onChange({ idleTimeoutS })}
            />
          </div>
        </fieldset>
        <Running draft={draft} error={error} onChange={onChange} />
        <CapabilityChoice draft={draft} onChange={onChange} />
        <Globs
          label="Allowed tools"
          hint="One per line, as server.tool; * matches any."
          path="tools"
          rows={3}
          value={draft.tools}
          error={error}
          onChange={(tools) => onChange({ tools })}
        />
        <Globs
          label="Allowed secrets"
          hint="One per line, like app/*."
          path="secrets"
          rows={2}
          value={draft.secrets}
          error={error}
          onChange={(secrets) => onChange({ secrets })}
        />
        <Globs
          label="Allowed messages"
          hint="One per line, as agent/NAME or topic/NAME; * matches any."
          path="messages"
          rows={2}
          value={draft.messages}
          error={error}
          onChange={(messages) => onChange({ messages })}
        />
        {after}
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-1 px-4 py-4">
        <p id={sourceId} className="flex items-baseline gap-2">
          <span className="font-medium">Program</span>
          <span className="text-xs text-text-3">
            {draft.mode === 'external'
              ? 'kept for reference: an external agent runs elsewhere'
              : 'JavaScript, runs in the sandbox and asks the engine for everything else'}
          </span>
        </p>
        <CodeEditor
          label="Program"
          language="javascript"
          fill
          value={draft.source}
          onChange={(source) => onChange({ source })}
        />
        {sourceIssue !== undefined && <p className="text-xs text-bad">{sourceIssue}</p>}
      </div>
    </div>
  )
}
