import type { ApprovalDetail, ApprovalScope } from '@contract'
import { useId } from 'react'
import { TextInput } from '@/ui'
import { isTimed, MAX_MINUTES, reachSentence, readMinutes, SCOPE_WORDS, SCOPES } from './triage'

export interface ScopeChoiceProps {
  readonly approval: ApprovalDetail
  readonly scope: ApprovalScope
  readonly minutesText: string
  readonly onScope: (scope: ApprovalScope) => void
  readonly onMinutes: (text: string) => void
}

/** How far a yes reaches: chosen, and said in a sentence, before anything is confirmed. */
export function ScopeChoice({ approval, scope, minutesText, onScope, onMinutes }: ScopeChoiceProps) {
  const id = useId()
  const minutes = isTimed(scope) ? readMinutes(minutesText) : null
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Scope</legend>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="font-medium" aria-hidden>
          Scope
        </span>
        {SCOPES.map((option, index) => (
          <label key={option} className="flex items-center gap-1.5 has-[:disabled]:text-text-3">
            <input
              type="radio"
              name={id}
              className="accent-accent-solid"
              checked={scope === option}
              disabled={!approval.scopes.includes(option)}
              onChange={() => onScope(option)}
            />
            {SCOPE_WORDS[option]}
            <kbd aria-hidden className="font-sans text-xs text-text-3">
              {index + 1}
            </kbd>
          </label>
        ))}
        {isTimed(scope) && (
          <span className="flex items-center gap-1.5">
            <TextInput
              aria-label="Minutes"
              type="number"
              min={1}
              max={MAX_MINUTES}
              step={1}
              value={minutesText}
              aria-invalid={minutes === null ? true : undefined}
              onChange={(event) => onMinutes(event.target.value)}
              className="num h-6! w-20!"
            />
            <span aria-hidden>minutes</span>
          </span>
        )}
      </div>
      <p id={`${id}-reach`} className="mt-0.5 text-text-2" data-testid="reach">
        {isTimed(scope) && minutes === null
          ? `Give a whole number of minutes, up to ${MAX_MINUTES}.`
          : `Approved, ${reachSentence(approval, { scope, minutes })}`}
      </p>
    </fieldset>
  )
}
