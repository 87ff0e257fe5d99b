import type { CallInput, CallOutput, Party } from '@contract'
import { type FormEvent, useDeferredValue, useId, useState } from 'react'
import { issueFor } from '@/lib/app-error'
import { plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import { Button, CodeEditor, Dialog, ErrorNotice, Field, Select, TextArea, TextInput, toastDone } from '@/ui'
import { type DraftIssues, EMPTY_DRAFT, readDraft, type SendDraft, type TTL_UNITS } from './send-draft'
import { GUARANTEE_WORDS } from './words'

export interface SendDialogProps {
  readonly topics: readonly string[]
  readonly onClose: () => void
}

const KINDS = { agent: 'An agent', topic: 'A topic', broadcast: 'Every agent' } as const
const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' } as const satisfies Record<
  keyof typeof TTL_UNITS,
  string
>
/** A longer list is typed at, not scrolled. */
const OFFERED = 50

function Receiver({
  draft,
  issues,
  parties,
  topics,
  set,
}: {
  readonly draft: SendDraft
  readonly issues: DraftIssues
  readonly parties: readonly Party[]
  readonly topics: readonly string[]
  readonly set: (change: Partial<SendDraft>) => void
}) {
  const listId = useId()
  if (draft.kind === 'broadcast')
    return <p className="text-text-2">Every agent that may receive it gets a copy of its own.</p>
  const isAgent = draft.kind === 'agent'
  const offered = isAgent ? parties.map(({ name }) => name) : topics
  return (
    <Field
      label={isAgent ? 'Agent' : 'Topic'}
      hint={isAgent ? 'Its name or id.' : 'All who subscribed to it get a copy.'}
      error={isAgent ? issues.agent : issues.topic}
    >
      {(control) => (
        <>
          <TextInput
            {...control}
            autoFocus
            list={listId}
            value={isAgent ? draft.agent : draft.topic}
            onChange={(event) => set(isAgent ? { agent: event.target.value } : { topic: event.target.value })}
          />
          <datalist id={listId}>
            {[...new Set(offered)].slice(0, OFFERED).map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

function Choice<K extends string>({
  legend,
  options,
  value,
  onChange,
}: {
  readonly legend: string
  readonly options: Readonly<Record<K, string>>
  readonly value: K
  readonly onChange: (value: K) => void
}) {
  const name = useId()
  return (
    <fieldset className="flex items-center gap-4">
      <legend className="float-left mr-4 font-medium">{legend}</legend>
      {(Object.entries(options) as [K, string][]).map(([id, label]) => (
        <label key={id} className="flex items-center gap-1.5">
          <input
            type="radio"
            name={name}
            checked={value === id}
            onChange={() => onChange(id)}
            className="accent-accent-solid"
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

/** Agents whose name or id holds this text, as receivers. One that never sent or received has no identity yet. */
const agentsLike = (text: string) =>
  ({
    filter: text === '' ? {} : { text: text.slice(0, 200) },
    sort: { by: 'name', descending: false },
    offset: 0,
    limit: OFFERED,
  }) as const satisfies CallInput<'agents.page'>

const partiesOf = ({ items }: CallOutput<'agents.page'>): readonly Party[] =>
  items.map(({ id, name }) => ({ id, name, kind: 'agent' }))

/** Write as the console: signed with its own key, decided by the policy like every other message. */
export function SendDialog({ topics, onClose }: SendDialogProps) {
  const send = useCommand('messages.send')
  const look = useCommand('agents.page')
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const typed = useDeferredValue(draft.agent.trim())
  const found = useRead('agents.page', agentsLike(typed), { keepPrevious: true, enabled: draft.kind === 'agent' }).data
  const parties = found === undefined ? [] : partiesOf(found)
  const [issues, setIssues] = useState<DraftIssues>({})
  const set = (change: Partial<SendDraft>) => {
    setDraft((before) => ({ ...before, ...change }))
    setIssues({})
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (send.busy) return
    // Who is meant is looked up as it was typed, not as it was offered.
    const known = draft.kind === 'agent' ? await look.run(agentsLike(draft.agent.trim())) : null
    if (known !== null && !known.ok) return
    const read = readDraft(draft, known === null ? [] : partiesOf(known.value))
    if (!read.ok) return setIssues(read.issues)
    const outcome = await send.run(read.input)
    if (!outcome.ok) return
    toastDone(
      outcome.value.copies === 0
        ? 'The message is recorded, but nobody is there to receive it.'
        : `Sent to ${plural(outcome.value.copies, 'receiver')}`,
    )
    onClose()
  }
  const payloadIssue = issues.payload ?? issueFor(send.error, 'payload')
  return (
    <Dialog
      title="New message"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="send-message" busy={send.busy}>
            Send message
          </Button>
        </>
      }
    >
      <form id="send-message" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Choice legend="To" options={KINDS} value={draft.kind} onChange={(kind) => set({ kind })} />
        <Receiver draft={draft} issues={issues} parties={parties} topics={topics} set={set} />
        <div className="flex flex-col gap-1">
          <Choice
            legend="Payload"
            options={{ json: 'JSON', text: 'Text' }}
            value={draft.form}
            onChange={(form) => set({ form })}
          />
          {draft.form === 'json' ? (
            <CodeEditor
              label="Payload"
              language="json"
              value={draft.payload}
              onChange={(payload) => set({ payload })}
              minHeight={140}
            />
          ) : (
            <TextArea
              aria-label="Payload"
              rows={7}
              value={draft.payload}
              className="font-mono text-xs"
              onChange={(event) => set({ payload: event.target.value })}
            />
          )}
          <p className={payloadIssue === undefined ? 'text-xs text-text-3' : 'text-xs text-bad'} role="status">
            {payloadIssue ?? 'It is sealed for each receiver by itself.'}
          </p>
        </div>
        <div className="flex gap-4">
          <Field
            label="Time to live"
            optional
            hint="As configured when left blank."
            error={issues.ttl}
            className="w-56"
          >
            {(control) => (
              <span className="flex gap-2">
                <TextInput
                  {...control}
                  inputMode="decimal"
                  value={draft.ttl}
                  onChange={(event) => set({ ttl: event.target.value })}
                />
                <Select
                  aria-label="Unit of the time to live"
                  value={draft.unit}
                  onChange={(event) => set({ unit: event.target.value as SendDraft['unit'] })}
                >
                  {Object.entries(UNITS).map(([id, word]) => (
                    <option key={id} value={id}>
                      {word}
                    </option>
                  ))}
                </Select>
              </span>
            )}
          </Field>
          <Field label="Guarantee" hint={GUARANTEE_WORDS[draft.guarantee].gloss} className="flex-1">
            {(control) => (
              <Select
                {...control}
                value={draft.guarantee}
                onChange={(event) => set({ guarantee: event.target.value as SendDraft['guarantee'] })}
              >
                {Object.entries(GUARANTEE_WORDS).map(([id, { word }]) => (
                  <option key={id} value={id}>
                    {word}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        {look.error !== null && <ErrorNotice error={look.error} />}
        {send.error !== null && payloadIssue === undefined && <ErrorNotice error={send.error} />}
      </form>
    </Dialog>
  )
}
