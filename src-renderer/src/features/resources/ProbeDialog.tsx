import type { Breaker } from '@contract'
import { type SyntheticEvent, useState } from 'react'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'
import { BREAKER_NAMES } from './breaker-words'

const LEAST_CHARACTERS = 3

/** Let one call through before its time. It needs a reason, because it goes into the audit trail. */
export function ProbeDialog({ breaker, onClose }: { readonly breaker: Breaker; readonly onClose: () => void }) {
  const probe = useCommand('breakers.probe')
  const [reason, setReason] = useState('')
  const isEnough = reason.trim().length >= LEAST_CHARACTERS
  const submit = async (event?: SyntheticEvent) => {
    event?.preventDefault()
    if (!isEnough || probe.busy) return
    const outcome = await probe.run({ id: breaker.id, reason: reason.trim() })
    if (!outcome.ok) return
    toastDone(`The next call to ${breaker.name} is let through.`)
    onClose()
  }
  return (
    <Dialog
      title={`Try ${breaker.name} now?`}
      isOpen
      onClose={onClose}
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Wait</Button>
          <Button variant="primary" busy={probe.busy} isDisabled={!isEnough} onPress={() => void submit()}>
            Try now
          </Button>
        </>
      }
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <p>
          {BREAKER_NAMES[breaker.kind]} {breaker.name} failed too often of late. The next call to it is let through;
          when it goes well, all are again, otherwise it rests longer.
        </p>
        <Field label="Reason" hint="Kept in the audit trail.">
          {(control) => (
            <TextInput {...control} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
        {probe.error !== null && <ErrorNotice error={probe.error} />}
      </form>
    </Dialog>
  )
}
