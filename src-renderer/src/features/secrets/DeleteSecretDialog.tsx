import { useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'

export interface DeleteSecretDialogProps {
  readonly name: string
  readonly onClose: () => void
}

/** Deleting cannot be undone, so the name is typed first. */
export function DeleteSecretDialog({ name, onClose }: DeleteSecretDialogProps) {
  const remove = useCommand('secrets.delete')
  const [typed, setTyped] = useState('')
  const submit = async () => {
    const outcome = await remove.run({ name })
    if (!outcome.ok) return
    toastDone(`The secret ${name} is deleted.`)
    onClose()
  }
  return (
    <Dialog
      title="Delete this secret?"
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button variant="danger" busy={remove.busy} isDisabled={typed !== name} onPress={() => void submit()}>
            Delete
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          <span className="font-mono text-xs">{name}</span> is removed with its value. Agents that ask for it get an
          error. This cannot be undone.
        </p>
        <Field label="Type the name to confirm">
          {(control) => (
            <TextInput
              {...control}
              className="font-mono text-xs"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
      </div>
    </Dialog>
  )
}
