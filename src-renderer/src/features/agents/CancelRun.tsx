import type { Execution } from '@contract'
import { CircleSlash } from 'lucide-react'
import { useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'

interface QuestionProps {
  readonly run: Pick<Execution, 'id' | 'state'>
  readonly onClose: () => void
}

/** Asked before one run is ended; the agent itself stays and can run again. */
export function CancelRunDialog({ run, onClose }: QuestionProps) {
  const cancel = useCommand('executions.cancel')
  const [reason, setReason] = useState('')
  const waits = run.state === 'queued'
  const submit = async () => {
    const given = reason.trim()
    const outcome = await cancel.run({ id: run.id, ...(given.length >= 3 ? { reason: given } : {}) })
    if (!outcome.ok) return
    toastDone(waits ? 'The run is taken out of the queue.' : 'The run is called off.')
    onClose()
  }
  return (
    <Dialog
      title={waits ? 'Take this run out of the queue?' : 'Cancel this run?'}
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button variant="danger" busy={cancel.busy} onPress={() => void submit()}>
            Cancel run
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          {waits
            ? 'It is not started. The agent stays as it is and can be run again.'
            : 'The program gets a moment to tidy up, then it is ended. Its log is kept, and the agent can be run again.'}
        </p>
        <Field label="Reason" optional hint="It goes into the audit trail.">
          {(control) => <TextInput {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {cancel.error !== null && <ErrorNotice error={cancel.error} />}
      </div>
    </Dialog>
  )
}

/** A button that ends one run, after asking; nothing when the run has ended. */
export function CancelRun({ run }: { readonly run: Pick<Execution, 'id' | 'state' | 'endedAtMs'> }) {
  const [asking, setAsking] = useState(false)
  if (run.endedAtMs !== null) return null
  return (
    <>
      <Button size="small" icon={<CircleSlash size={12} aria-hidden />} onPress={() => setAsking(true)}>
        Cancel run
      </Button>
      {asking && <CancelRunDialog run={run} onClose={() => setAsking(false)} />}
    </>
  )
}
