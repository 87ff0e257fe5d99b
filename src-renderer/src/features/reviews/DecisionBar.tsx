import type { ToolDetail } from '@contract'
import { Check, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { issueFor } from '@/lib/app-error'
import { useCommand } from '@/lib/queries'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, ErrorNotice, Field, Kbd, TextArea, toastDone } from '@/ui'

type Decision = 'approve' | 'reject'

export interface DecisionBarProps {
  readonly tool: ToolDetail
  /** What is shown is no longer what is offered. */
  readonly outdated: boolean
}

const SHORTEST_REASON = 3

/**
 * Approve or reject with a reason. The digest that is sent is the one of the definition on the screen. A and R choose
 * and go to the reason; only Ctrl+Enter or a button decides, plain Enter never does.
 */
export function DecisionBar({ tool, outdated }: DecisionBarProps) {
  const decide = useCommand('reviews.decide')
  const [reason, setReason] = useState('')
  const [armed, setArmed] = useState<Decision | null>(null)
  const [asked, setAsked] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const tooShort = reason.trim().length < SHORTEST_REASON

  const arm = (decision: Decision) => {
    setArmed(decision)
    field.current?.focus()
  }
  const submit = async (decision: Decision) => {
    if (outdated || decide.busy) return
    setArmed(decision)
    setAsked(true)
    if (tooShort) {
      field.current?.focus()
      return
    }
    const outcome = await decide.run({ toolId: tool.id, digest: tool.digest, decision, reason: reason.trim() })
    if (!outcome.ok) return
    toastDone(`${tool.qualifiedName} is ${decision === 'approve' ? 'approved' : 'rejected'}.`)
    setReason('')
    setArmed(null)
    setAsked(false)
  }
  useShortcuts([
    { keys: 'a', label: 'Approve: go to the reason', group: 'Reviews', run: () => arm('approve') },
    { keys: 'r', label: 'Reject: go to the reason', group: 'Reviews', run: () => arm('reject') },
  ])

  const hint =
    armed === null ? (
      'It is kept with the decision and in the audit trail.'
    ) : (
      <span className="flex items-center gap-1.5">
        <Kbd keys="mod+Enter" /> {armed === 'approve' ? 'approves' : 'rejects'} exactly the definition shown above
      </span>
    )
  return (
    <section aria-label="Decision" className="shrink-0 border-t border-line-strong bg-frame px-4 py-3">
      {decide.error !== null && (
        <div className="mb-2">
          <ErrorNotice error={decide.error} />
        </div>
      )}
      <div className="flex items-start gap-3">
        <Field
          label="Reason"
          className="flex-1"
          hint={hint}
          error={asked && tooShort ? 'Say why in at least three characters.' : issueFor(decide.error, 'reason')}
        >
          {(control) => (
            <TextArea
              {...control}
              ref={field}
              rows={2}
              value={reason}
              required
              onChange={(event) => setReason(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') event.currentTarget.blur()
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && armed !== null) {
                  event.preventDefault()
                  void submit(armed)
                }
              }}
            />
          )}
        </Field>
        <div className="flex gap-2 pt-6">
          <Button
            icon={<X size={14} aria-hidden />}
            variant={armed === 'reject' ? 'danger' : 'danger-quiet'}
            keyHint="R"
            isDisabled={outdated}
            busy={decide.busy && armed === 'reject'}
            onPress={() => void submit('reject')}
          >
            Reject
          </Button>
          <Button
            icon={<Check size={14} aria-hidden />}
            variant={armed === 'approve' ? 'primary' : 'default'}
            keyHint="A"
            isDisabled={outdated}
            busy={decide.busy && armed === 'approve'}
            onPress={() => void submit('approve')}
          >
            Approve
          </Button>
        </div>
      </div>
    </section>
  )
}
