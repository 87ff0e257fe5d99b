import { type FormEvent, useState } from 'react'
import { plural } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'
import { REASON_LEAST } from './RevealDialog'

export interface PurgeDialogProps {
  readonly ids: readonly string[]
  readonly onClose: () => void
  readonly onPurged: () => void
}

/** What is purged is gone for good, so it is asked, with a reason. */
export function PurgeDialog({ ids, onClose, onPurged }: PurgeDialogProps) {
  const purge = useCommand('deadLetters.purge')
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const given = reason.trim()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (given.length < REASON_LEAST || purge.busy) return
    const outcome = await purge.run({ ids: [...ids], reason: given })
    if (!outcome.ok) return
    toastDone(`${plural(outcome.value.purged, 'dead letter')} purged`)
    onPurged()
  }
  return (
    <Dialog
      title={`Purge ${plural(ids.length, 'dead letter')}?`}
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep {ids.length === 1 ? 'it' : 'them'}</Button>
          <Button variant="danger" type="submit" form="purge-letters" busy={purge.busy}>
            Purge
          </Button>
        </>
      }
    >
      <form id="purge-letters" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <p>
          {ids.length === 1 ? 'It is' : 'They are'} deleted with {ids.length === 1 ? 'its' : 'their'} sealed payload and
          cannot be replayed any more. The audit trail keeps that {ids.length === 1 ? 'it' : 'they'} existed.
        </p>
        <Field
          label="Reason"
          hint="It goes into the audit trail."
          error={asked && given.length < REASON_LEAST ? 'Say why in at least three characters.' : undefined}
        >
          {(control) => (
            <TextInput
              {...control}
              autoFocus
              value={reason}
              maxLength={2000}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {purge.error !== null && <ErrorNotice error={purge.error} />}
      </form>
    </Dialog>
  )
}
