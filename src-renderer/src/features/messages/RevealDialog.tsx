import { type FormEvent, useState } from 'react'
import type { AppError } from '@/lib/app-error'
import { Button, ConsequenceBadge, Dialog, ErrorNotice, Field, TextInput } from '@/ui'

export interface RevealDialogProps {
  readonly from: string
  readonly to: string
  readonly busy: boolean
  readonly error: AppError | null
  readonly onReveal: (reason: string) => void
  readonly onClose: () => void
}

export const REASON_LEAST = 3

/** Opening what two parties sealed for each other is an act of its own: it wants a reason, and both are recorded. */
export function RevealDialog({ from, to, busy, error, onReveal, onClose }: RevealDialogProps) {
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const given = reason.trim()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (given.length >= REASON_LEAST && !busy) onReveal(given)
  }
  return (
    <Dialog
      title="Reveal the payload?"
      isOpen
      onClose={onClose}
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it sealed</Button>
          <Button variant="primary" type="submit" form="reveal-payload" busy={busy}>
            Reveal payload
          </Button>
        </>
      }
    >
      <form id="reveal-payload" onSubmit={submit} className="flex flex-col gap-3">
        <p>
          It was sealed by <bdi className="font-medium">{from}</bdi> for <bdi className="font-medium">{to}</bdi>. The
          policy is asked, and that you opened it is recorded with your reason. The payload itself is not.
        </p>
        <ConsequenceBadge consequence="disclose" />
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
        {error !== null && <ErrorNotice error={error} />}
      </form>
    </Dialog>
  )
}
