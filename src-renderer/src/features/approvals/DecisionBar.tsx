import type { ApprovalDetail, ApprovalSummary } from '@contract'
import clsx from 'clsx'
import { Check, Clock3, X } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { issueFor } from '@/lib/app-error'
import { useNow } from '@/lib/clock'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, ErrorNotice, Field, Kbd, TextArea, TextInput } from '@/ui'
import { ScopeChoice } from './ScopeChoice'
import { nameToType, SCOPE_WORDS, SCOPES } from './triage'
import { type Choice, useDecision } from './use-decision'

export interface DecisionBarProps {
  readonly approval: ApprovalDetail
  /** The requests that may be decided together with this one, itself included. */
  readonly equals: readonly ApprovalSummary[]
  readonly aheadMs: number
  readonly onDecided: (ids: readonly string[]) => void
}

const HINTS = {
  none: 'Kept in the audit trail. A denial needs one.',
  approve: 'approves with this scope',
  deny: 'denies; the reason is told',
} as const

/**
 * Approve, deny or defer. A and R choose and go to the field that is needed; only Ctrl+Enter in it or a button decides,
 * plain Enter never does. Something that destroys also needs its name typed.
 */
export function DecisionBar({ approval, equals, aheadMs, onDecided }: DecisionBarProps) {
  const decision = useDecision({ approval, equals, onDecided })
  const { armed, scope, missing, tried, busy, error } = decision
  const reason = useRef<HTMLTextAreaElement>(null)
  const name = useRef<HTMLInputElement>(null)
  const destroys = approval.consequence === 'destroy'
  const over = useNow() + aheadMs >= approval.deadlineMs

  const arm = (choice: Choice) => {
    decision.set({ armed: choice })
    if (choice === 'approve' && destroys) name.current?.focus()
    else reason.current?.focus()
  }
  const submit = (choice: Choice) => {
    void decision.submit(choice)
    if (choice === 'deny' && decision.reason.trim() === '') reason.current?.focus()
    if (choice === 'approve' && destroys && decision.typed.trim() !== nameToType(approval)) name.current?.focus()
  }
  const defer = () => {
    if (!over) void decision.defer()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Escape') {
      decision.set({ armed: null })
      event.currentTarget.blur()
    }
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || armed === null) return
    event.preventDefault()
    if (!over) submit(armed)
  }
  useShortcuts([
    { keys: 'a', label: 'Approve: go to the confirmation', group: 'Approvals', run: () => arm('approve') },
    { keys: 'r', label: 'Deny: go to the reason', group: 'Approvals', run: () => arm('deny') },
    { keys: 'd', label: 'Defer to the end of the queue', group: 'Approvals', run: defer },
    ...SCOPES.map((option, index) => ({
      keys: String(index + 1),
      label: `Scope: ${SCOPE_WORDS[option].toLowerCase()}`,
      group: 'Approvals',
      run: () => decision.chooseScope(option),
    })),
    ...(equals.length > 1
      ? [
          {
            keys: 'b',
            label: 'Decide on all equal requests together',
            group: 'Approvals',
            run: () => decision.set({ together: !decision.together }),
          },
        ]
      : []),
  ])

  return (
    <section aria-label="Decision" className="shrink-0 border-t border-line-strong bg-frame px-4 py-3">
      {error !== null && (
        <div className="mb-2">
          <ErrorNotice error={error} />
        </div>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <ScopeChoice
          approval={approval}
          scope={scope}
          minutesText={decision.minutesText}
          onScope={decision.chooseScope}
          onMinutes={(minutesText) => decision.set({ minutesText })}
        />
        {equals.length > 1 && (
          <label className="flex items-center gap-1.5">
            <input
              type="checkbox"
              className="accent-accent-solid"
              checked={decision.together}
              disabled={scope !== 'once'}
              onChange={(event) => decision.set({ together: event.target.checked })}
            />
            All {equals.length} equal requests
            <kbd aria-hidden className="font-sans text-xs text-text-3">
              B
            </kbd>
          </label>
        )}
      </div>
      <div className={clsx('mt-2 flex items-start gap-x-3', destroys && 'flex-wrap gap-y-1')}>
        {destroys && (
          <Field
            label="Type the name to approve"
            className="basis-[45%]"
            hint={<span className="font-mono text-text">{nameToType(approval)}</span>}
            error={
              tried && armed === 'approve' && missing === 'name'
                ? `Type ${nameToType(approval)} to approve.`
                : undefined
            }
          >
            {(control) => (
              <TextInput
                {...control}
                ref={name}
                className="font-mono text-xs"
                value={decision.typed}
                onChange={(event) => decision.set({ typed: event.target.value })}
                onKeyDown={onKeyDown}
              />
            )}
          </Field>
        )}
        <Field
          label="Reason"
          className="flex-1"
          hint={
            armed === null ? (
              HINTS.none
            ) : (
              <span className="flex items-center gap-1.5">
                <Kbd keys="mod+Enter" /> {HINTS[armed]}
              </span>
            )
          }
          error={tried && missing === 'reason' ? 'Say why in at least three characters.' : issueFor(error, 'reason')}
        >
          {(control) => (
            <TextArea
              {...control}
              ref={reason}
              rows={1}
              value={decision.reason}
              onChange={(event) => decision.set({ reason: event.target.value })}
              onKeyDown={onKeyDown}
            />
          )}
        </Field>
        <div className={clsx('flex gap-2', destroys ? 'w-full justify-end' : 'pt-6')}>
          <Button icon={<Clock3 size={14} aria-hidden />} variant="ghost" keyHint="D" isDisabled={over} onPress={defer}>
            Defer
          </Button>
          <Button
            icon={<X size={14} aria-hidden />}
            variant={armed === 'deny' ? 'danger' : 'danger-quiet'}
            keyHint="R"
            isDisabled={over}
            busy={busy && armed === 'deny'}
            onPress={() => submit('deny')}
          >
            Deny
          </Button>
          <Button
            icon={<Check size={14} aria-hidden />}
            variant={armed === 'approve' ? (destroys ? 'danger' : 'primary') : 'default'}
            keyHint="A"
            isDisabled={over}
            busy={busy && armed === 'approve'}
            onPress={() => submit('approve')}
          >
            Approve
          </Button>
        </div>
      </div>
      {over && <p className="mt-1 text-xs text-bad">The time is up: this is denied.</p>}
    </section>
  )
}
