import type { Identity } from '@contract'
import { type FormEvent, useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'
import { REASON_LEAST } from './RevealDialog'
import { partyWord } from './words'

/** New keys for one identity: asked with a reason, because from then on nothing new is signed with the old ones. */
export function RotateDialog({ identity, onClose }: { readonly identity: Identity; readonly onClose: () => void }) {
  const rotate = useCommand('messages.rotateKeys')
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const name = partyWord(identity.party)
  const given = reason.trim()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (given.length < REASON_LEAST || rotate.busy) return
    const outcome = await rotate.run({ partyId: identity.party.id, reason: given })
    if (!outcome.ok) return
    toastDone(`${name} has new keys, version ${outcome.value.keyVersion}`)
    onClose()
  }
  return (
    <Dialog
      title={`Rotate the keys of ${name}?`}
      isOpen
      onClose={onClose}
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="rotate-keys" busy={rotate.busy}>
            Rotate keys
          </Button>
        </>
      }
    >
      <form id="rotate-keys" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <p>
          New messages from it are signed, and new messages to it are sealed, with new keys. What was sent before keeps
          verifying and opening with the old ones.
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
        {rotate.error !== null && <ErrorNotice error={rotate.error} />}
      </form>
    </Dialog>
  )
}
