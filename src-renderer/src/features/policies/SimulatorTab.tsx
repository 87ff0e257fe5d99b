import type { PolicyExplanation, PolicySet } from '@contract'
import { useState } from 'react'
import { useAgentsByName } from '@/lib/agents-by-name'
import type { AppError } from '@/lib/app-error'
import { issueFor, toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { formatDateTime, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { Button, EmptyState, ErrorNotice, Field, Select, TextArea, TextInput } from '@/ui'
import { Explanation } from './Explanation'
import {
  atMsOf,
  EMPTY_QUESTION,
  LEVELS,
  OPERATIONS,
  PRINCIPALS,
  type QuestionForm,
  RESOURCE_TYPES,
  toQuestion,
} from './question'

export interface SimulatorTabProps {
  readonly policy: PolicySet
  readonly text: string
  readonly dirty: boolean
}

interface ChoiceProps<K extends keyof QuestionForm> {
  readonly label: string
  readonly name: K
  readonly form: QuestionForm
  readonly options: readonly (readonly [value: string, word: string])[]
  readonly onChange: (change: Partial<QuestionForm>) => void
}

function Choice<K extends keyof QuestionForm>({ label, name, form, options, onChange }: ChoiceProps<K>) {
  return (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={form[name]} onChange={(event) => onChange({ [name]: event.target.value })}>
          {options.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

const same = (values: readonly string[]) => values.map((value) => [value, value] as const)

const FURTHER = [
  ['roles', 'Roles', 'Separated by commas.'],
  ['labels', 'Labels', 'Of the agent, separated by commas.'],
  ['capabilities', 'Capabilities', 'Of the agent, separated by commas.'],
  ['tool', 'Tool', 'server.tool through which the thing is reached.'],
  ['addresses', 'Addresses', 'For Network: what the host stands for.'],
  ['realPath', 'Real path', 'For File: where links lead.'],
] as const

/** Any question against any rules: the decision and every condition that did not hold. Nothing is done or recorded. */
export function SimulatorTab({ policy, text, dirty }: SimulatorTabProps) {
  const [form, setForm] = useState(EMPTY_QUESTION)
  const [which, setWhich] = useState<string>(dirty ? 'text' : 'active')
  const [state, setState] = useState<{ busy: boolean; error: AppError | null; found: PolicyExplanation | null }>({
    busy: false,
    error: null,
    found: null,
  })
  const agents = useAgentsByName(form.agentName, 50)
  const versions = useRead('policies.history', { limit: 50 }).data ?? []
  const change = (part: Partial<QuestionForm>) => setForm((before) => ({ ...before, ...part }))
  const run = async () => {
    setState((before) => ({ ...before, busy: true }))
    const atMs = atMsOf(form)
    try {
      const found = await call('policies.explain', {
        request: toQuestion(form),
        which: which === 'active' ? 'active' : which === 'text' ? { text } : { hash: which },
        ...(atMs === undefined ? {} : { atMs }),
      })
      setState({ busy: false, error: null, found })
    } catch (thrown) {
      setState((before) => ({ ...before, busy: false, error: toAppError(thrown) }))
    }
  }
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <form
        aria-label="Question"
        className="flex min-h-0 flex-col gap-3 overflow-y-auto px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <Field label="Rules">
          {(control) => (
            <Select {...control} value={which} onChange={(event) => setWhich(event.target.value)}>
              <option value="active">In force now ({shortId(policy.setHash)})</option>
              <option value="text">The text in the editor{dirty ? ', not saved' : ''}</option>
              {versions.map((version) => (
                <option key={version.seq} value={version.hash}>
                  {formatDateTime(version.atMs)} ({shortId(version.hash)})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Choice label="Who asks" name="principal" form={form} options={same(PRINCIPALS)} onChange={change} />
          {form.principal === 'agent' && (
            <Choice label="Walls" name="securityLevel" form={form} options={Object.entries(LEVELS)} onChange={change} />
          )}
        </div>
        {form.principal === 'agent' && (
          <Field label="Agent" error={issueFor(state.error, 'request.agentName')}>
            {(control) => (
              <>
                <TextInput
                  {...control}
                  list="simulator-agents"
                  value={form.agentName}
                  onChange={(event) => change({ agentName: event.target.value })}
                />
                <datalist id="simulator-agents">
                  {agents.map((agent) => (
                    <option key={agent.id} value={agent.name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Choice
            label="Resource type"
            name="resourceType"
            form={form}
            options={same(RESOURCE_TYPES)}
            onChange={change}
          />
          <Choice label="Operation" name="operation" form={form} options={same(OPERATIONS)} onChange={change} />
        </div>
        <Field
          label="Resource"
          hint="A path or a name, exactly as it would be asked for."
          error={issueFor(state.error, 'request.resource')}
        >
          {(control) => (
            <TextInput
              {...control}
              className="font-mono text-xs"
              value={form.resource}
              onChange={(event) => change({ resource: event.target.value })}
            />
          )}
        </Field>
        <details className="flex flex-col gap-3">
          <summary className="section-title">Further facts</summary>
          <div className="mt-2 grid grid-cols-2 gap-3">
            {FURTHER.map(([name, label, hint]) => (
              <Field key={name} label={label} hint={hint} optional error={issueFor(state.error, `request.${name}`)}>
                {(control) => (
                  <TextInput
                    {...control}
                    className="font-mono text-xs"
                    value={form[name]}
                    onChange={(event) => change({ [name]: event.target.value })}
                  />
                )}
              </Field>
            ))}
            <Field label="Asked at" hint="Now when left out." optional>
              {(control) => (
                <TextInput
                  {...control}
                  type="datetime-local"
                  value={form.at}
                  onChange={(event) => change({ at: event.target.value })}
                />
              )}
            </Field>
            <Field label="Environment" hint="One name=value per line." optional>
              {(control) => (
                <TextArea
                  {...control}
                  rows={2}
                  className="font-mono text-xs"
                  value={form.environment}
                  onChange={(event) => change({ environment: event.target.value })}
                />
              )}
            </Field>
          </div>
        </details>
        {state.error !== null && <ErrorNotice error={state.error} />}
        <Button type="submit" variant="primary" busy={state.busy} className="self-start">
          Simulate
        </Button>
      </form>
      <section
        aria-label="Answer"
        tabIndex={0}
        className="flex min-h-0 flex-col overflow-y-auto border-l border-line px-4 py-4 outline-offset-[-2px]"
      >
        {state.found === null ? (
          <EmptyState title="Ask a question">
            You see what the rules would decide, which rule decides, and what each other rule would have needed. Nothing
            is done.
          </EmptyState>
        ) : (
          <Explanation explanation={state.found} />
        )}
      </section>
    </div>
  )
}
