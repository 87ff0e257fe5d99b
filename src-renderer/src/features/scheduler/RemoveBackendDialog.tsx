import type { Backend } from '@contract'
import { useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'

/** Asked before a back-end is given up; with a reason, because it is one of the things that are looked up later. */
export function RemoveBackendDialog({ backend, onClose }: { readonly backend: Backend; readonly onClose: () => void }) {
  const remove = useCommand('backends.remove')
  const [reason, setReason] = useState('')
  const submit = async () => {
    const outcome = await remove.run({ id: backend.id, reason: reason.trim() })
    if (!outcome.ok) return
    toastDone(`${backend.title} is removed.`)
    onClose()
  }
  return (
    <Dialog
      title={`Remove ${backend.title}?`}
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            variant="danger"
            busy={remove.busy}
            isDisabled={reason.trim().length < 3}
            onPress={() => void submit()}
          >
            Remove
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          Nothing more is run there. What waits in the queue is put elsewhere; the secrets that were used to reach it
          stay stored. It cannot be removed while something runs on it.
        </p>
        <Field label="Reason" hint="At least three characters; it goes into the audit trail.">
          {(control) => <TextInput {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
      </div>
    </Dialog>
  )
}
