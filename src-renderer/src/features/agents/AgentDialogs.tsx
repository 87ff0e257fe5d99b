import type { AgentSummary } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone, toastError } from '@/ui'
import { RunDialog } from './RunDialog'

/** What a person asked to be done with an agent. */
export interface AgentIntent {
  readonly act: 'run' | 'suspend' | 'resume' | 'stop'
  readonly agent: Pick<AgentSummary, 'id' | 'name' | 'state'>
}

interface DialogsProps {
  readonly intent: AgentIntent | null
  readonly onClose: () => void
}

/** Stopping retires an agent for good, so it is asked, and the way to keep its definition is offered. */
function StopDialog({ agent, onClose }: { readonly agent: AgentIntent['agent']; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const stop = useCommand('agents.stop')
  const [reason, setReason] = useState('')
  const submit = async () => {
    const given = reason.trim()
    const outcome = await stop.run({ id: agent.id, ...(given.length >= 3 ? { reason: given } : {}) })
    if (!outcome.ok) return
    toastDone(`${agent.name} is stopped.`)
    onClose()
  }
  return (
    <Dialog
      title={`Stop ${agent.name}?`}
      isOpen
      onClose={onClose}
      role="alertdialog"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button variant="danger" busy={stop.busy} onPress={() => void submit()}>
            Stop agent
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          Its present run ends, and the agent is retired: it cannot run again. Its log, runs and audit records are kept.
        </p>
        <p className="text-text-2">
          To run the same definition later,{' '}
          <button
            type="button"
            className="font-medium text-accent underline underline-offset-2"
            onClick={() => {
              onClose()
              void navigate({ to: '/agents/new', search: { from: agent.id } })
            }}
          >
            duplicate it
          </button>
          .
        </p>
        <Field label="Reason" optional hint="It goes into the audit trail.">
          {(control) => <TextInput {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {stop.error !== null && <ErrorNotice error={stop.error} />}
      </div>
    </Dialog>
  )
}

/** Suspend and resume need no question: they are undone by each other. */
function Immediate({ intent, onClose }: { readonly intent: AgentIntent; readonly onClose: () => void }) {
  const suspend = useCommand('agents.suspend')
  const resume = useCommand('agents.resume')
  const started = useRef(false)
  useEffect(() => {
    if (started.current) return
    started.current = true
    const command = intent.act === 'suspend' ? suspend : resume
    void command.run({ id: intent.agent.id }).then((outcome) => {
      if (outcome.ok) toastDone(`${intent.agent.name} is ${intent.act === 'suspend' ? 'suspended' : 'resumed'}.`)
      else toastError(outcome.error)
      onClose()
    })
  }, [intent, onClose, suspend, resume])
  return null
}

/** Carries out what was asked from a row or the palette. */
export function AgentDialogs({ intent, onClose }: DialogsProps) {
  if (intent === null) return null
  if (intent.act === 'run') return <RunDialog agent={intent.agent} onClose={onClose} />
  if (intent.act === 'stop') return <StopDialog agent={intent.agent} onClose={onClose} />
  return <Immediate intent={intent} onClose={onClose} />
}
