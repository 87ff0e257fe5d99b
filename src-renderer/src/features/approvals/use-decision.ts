import type { ApprovalDetail, ApprovalScope, ApprovalSummary } from '@contract'
import { useState } from 'react'
import type { AppError } from '@/lib/app-error'
import { useCommand } from '@/lib/queries'
import { toastDone } from '@/ui'
import { DEFAULT_MINUTES, isTimed, nameToType, readMinutes, SCOPE_WORDS, SHORTEST_REASON } from './triage'

export type Choice = 'approve' | 'deny'

export interface Decision {
  readonly scope: ApprovalScope
  readonly minutesText: string
  readonly reason: string
  /** What was typed to confirm that something is destroyed. */
  readonly typed: string
  /** All equal requests at once. */
  readonly together: boolean
  readonly armed: Choice | null
  /** What still keeps the armed choice from being sent; null when nothing does. */
  readonly missing: 'reason' | 'name' | 'minutes' | null
  /** The person tried to send it, so what is missing may be said. */
  readonly tried: boolean
  readonly busy: boolean
  readonly error: AppError | null
  readonly set: (change: Partial<Pick<Decision, 'minutesText' | 'reason' | 'typed' | 'together' | 'armed'>>) => void
  readonly chooseScope: (scope: ApprovalScope) => void
  readonly submit: (choice: Choice) => Promise<void>
  readonly defer: () => Promise<void>
}

export interface DecisionOptions {
  readonly approval: ApprovalDetail
  readonly equals: readonly ApprovalSummary[]
  readonly onDecided: (ids: readonly string[]) => void
}

const START = { minutesText: '', reason: '', typed: '', together: false, armed: null as Choice | null, tried: false }

/** What a person is about to decide. Sent is the digest of what is on the screen, never another one. */
export const useDecision = ({ approval, equals, onDecided }: DecisionOptions): Decision => {
  const decide = useCommand('approvals.decide')
  const decideMany = useCommand('approvals.decideMany')
  const [scope, setScope] = useState<ApprovalScope>('once')
  const [draft, setDraft] = useState(START)
  const { id, digest, consequence } = approval
  const reason = draft.reason.trim()
  const minutes = isTimed(scope) ? readMinutes(draft.minutesText) : null
  const busy = decide.busy || decideMany.busy

  const missingFor = (choice: Choice): Decision['missing'] => {
    if (choice === 'deny' || reason !== '') {
      if (reason.length < SHORTEST_REASON) return 'reason'
    }
    if (choice === 'deny') return null
    if (isTimed(scope) && minutes === null) return 'minutes'
    return consequence === 'destroy' && draft.typed.trim() !== nameToType(approval) ? 'name' : null
  }

  const send = (choice: Choice) => {
    const why = reason === '' ? {} : { reason }
    if (draft.together && equals.length > 1)
      return decideMany.run({ ids: equals.map((equal) => equal.id), digest, decision: choice, ...why })
    if (choice === 'deny') return decide.run({ decision: 'deny', id, digest, reason })
    return decide.run({ decision: 'approve', id, digest, scope, ...(minutes === null ? {} : { minutes }), ...why })
  }

  return {
    scope,
    ...draft,
    missing: draft.armed === null ? null : missingFor(draft.armed),
    busy,
    error: decide.error ?? decideMany.error,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    chooseScope: (next) => {
      if (!approval.scopes.includes(next)) return
      setScope(next)
      setDraft((before) => ({
        ...before,
        minutesText: isTimed(next) ? String(DEFAULT_MINUTES[next]) : '',
        together: next === 'once' && before.together,
      }))
    },
    submit: async (choice) => {
      if (busy) return
      setDraft((before) => ({ ...before, armed: choice, tried: true }))
      if (missingFor(choice) !== null) return
      const ids = draft.together ? equals.map((equal) => equal.id) : [id]
      const outcome = await send(choice)
      if (!outcome.ok) return
      const what = ids.length > 1 ? `${String(ids.length)} requests` : approval.resource
      toastDone(choice === 'deny' ? `Denied: ${what}` : `Approved (${SCOPE_WORDS[scope].toLowerCase()}): ${what}`)
      onDecided(ids)
    },
    defer: async () => {
      if (busy) return
      const outcome = await decide.run({ decision: 'defer', id, digest })
      if (outcome.ok) onDecided([id])
    },
  }
}
