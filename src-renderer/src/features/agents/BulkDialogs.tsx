import type { AgentId, BulkAct } from '@contract'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { formatCount, plural } from '@/lib/format'
import { Button, Dialog, ErrorNotice, Field, Notice, StateShape, TextInput } from '@/ui'
import { ACTS, type BulkOutcome, type FailureGroup, groupedFailures, outcomeSentence } from './bulk'
import type { Bulk } from './use-bulk'

interface QuestionProps {
  readonly act: BulkAct
  readonly ids: readonly AgentId[]
  readonly bulk: Bulk
}

/** Asked before anything is done to many agents: how many, and what it means for them. */
function Question({ act, ids, bulk }: QuestionProps) {
  const [reason, setReason] = useState('')
  const words = ACTS[act]
  const agents = plural(ids.length, 'agent')
  return (
    <Dialog
      title={`${words.verb} ${agents}?`}
      isOpen
      onClose={bulk.close}
      role={words.destructive ? 'alertdialog' : 'dialog'}
      footer={
        <>
          <Button onPress={bulk.close}>
            {bulk.busy ? 'Close, it goes on' : words.destructive ? 'Keep them' : 'Cancel'}
          </Button>
          <Button
            variant={words.destructive ? 'danger' : 'primary'}
            busy={bulk.busy}
            onPress={() => void bulk.confirm(reason)}
          >
            {words.verb} {agents}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>{words.consequence(ids.length)}</p>
        <p className="text-text-2">
          Each agent is decided and recorded by itself. Where its state or a rule does not allow it, that agent is left
          as it is and named afterwards.
        </p>
        <Field label="Reason" optional hint="It goes into the audit trail, with each agent.">
          {(control) => (
            <TextInput
              {...control}
              value={reason}
              maxLength={2000}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {bulk.error !== null && <ErrorNotice error={bulk.error} />}
      </div>
    </Dialog>
  )
}

/** So many names are listed of each kind of failure; all of them would be a wall. */
const NAMED = 200

function Failure({ group, onClose }: { readonly group: FailureGroup; readonly onClose: () => void }) {
  const [open, setOpen] = useState(group.agents.length <= 8)
  const rest = group.agents.length - NAMED
  return (
    <li className="border-b border-line py-2 last:border-0">
      <p className="flex items-baseline gap-2">
        <StateShape shape="cross" className="shrink-0 translate-y-px text-bad" />
        <span className="num font-medium">{plural(group.agents.length, 'agent')}</span>
        <span className="font-mono text-xs text-text-3">{group.error.code}</span>
      </p>
      <p className="mt-0.5 pl-5 [overflow-wrap:anywhere]">{group.error.message}</p>
      <p className="pl-5 text-text-2">{group.error.nextStep}</p>
      <div className="mt-1 pl-5">
        {open ? (
          <ul className="flex flex-wrap gap-x-3 gap-y-0.5">
            {group.agents.slice(0, NAMED).map(({ id, name }) => (
              <li key={id} className="max-w-full truncate">
                <Link
                  to="/agents/$agentId"
                  params={{ agentId: id }}
                  onClick={onClose}
                  className="text-accent underline-offset-2 hover:underline"
                >
                  {name}
                </Link>
              </li>
            ))}
            {rest > 0 && <li className="num text-text-3">and {formatCount(rest)} more</li>}
          </ul>
        ) : (
          <Button size="small" variant="ghost" className="-ml-2" onPress={() => setOpen(true)}>
            Name them
          </Button>
        )}
      </div>
    </li>
  )
}

interface ResultProps {
  readonly act: BulkAct
  readonly outcome: BulkOutcome
  readonly onClose: () => void
}

/** What could not be done, by cause, with what to do about each. */
function Result({ act, outcome, onClose }: ResultProps) {
  const groups = groupedFailures(outcome)
  return (
    <Dialog
      title={`${plural(outcome.failed.length, 'agent')} could not be ${ACTS[act].done}`}
      isOpen
      onClose={onClose}
      footer={
        <Button variant="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <Notice tone={outcome.done === 0 ? 'bad' : 'wait'} title={outcomeSentence(act, outcome)}>
        {outcome.done === 0
          ? 'Nothing was changed.'
          : 'What worked stays done. The agents below are as they were before.'}
      </Notice>
      <ul aria-label="What could not be done" className="mt-2">
        {groups.map((group) => (
          <Failure key={`${group.error.code} ${group.error.nextStep}`} group={group} onClose={onClose} />
        ))}
      </ul>
    </Dialog>
  )
}

/** The question before an act on many agents, and what came of it. */
export function BulkDialogs({ bulk }: { readonly bulk: Bulk }) {
  const { state } = bulk
  if (state.step === 'asking') return <Question act={state.act} ids={state.ids} bulk={bulk} />
  if (state.step === 'told') return <Result act={state.act} outcome={state.outcome} onClose={bulk.close} />
  return null
}
