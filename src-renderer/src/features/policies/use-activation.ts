import type { PolicyReplay, PolicySet } from '@contract'
import { useState } from 'react'
import { type AppError, toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import type { Outcome } from '@/lib/queries'
import { changedDecisions } from './ReplayDialog'

/** How many of the last decisions are asked again. */
const LAST = 1000

export interface Activation {
  readonly busy: boolean
  readonly error: AppError | null
  /** There are changes that a person should see before they confirm. */
  readonly asked: PolicyReplay | null
  readonly start: () => Promise<void>
  readonly confirm: () => Promise<void>
  readonly cancel: () => void
}

interface ActivationOptions {
  readonly which: { readonly text: string } | { readonly hash: string }
  readonly act: () => Promise<Outcome<PolicySet>>
  readonly done: (policy: PolicySet) => void
}

/** Put rules in force: at once when no past decision would change, else after the person has seen which would. */
export const useActivation = ({ which, act, done }: ActivationOptions): Activation => {
  const [state, setState] = useState<Pick<Activation, 'busy' | 'error' | 'asked'>>({
    busy: false,
    error: null,
    asked: null,
  })
  const confirm = async () => {
    setState((before) => ({ ...before, busy: true, error: null }))
    const outcome = await act()
    setState({ busy: false, error: outcome.ok ? null : outcome.error, asked: null })
    if (outcome.ok) done(outcome.value)
  }
  return {
    ...state,
    start: async () => {
      setState({ busy: true, error: null, asked: null })
      try {
        const replay = await call('policies.replay', { which, last: LAST })
        if (changedDecisions(replay) === 0) await confirm()
        else setState({ busy: false, error: null, asked: replay })
      } catch (thrown) {
        setState({ busy: false, error: toAppError(thrown), asked: null })
      }
    },
    confirm,
    cancel: () => setState({ busy: false, error: null, asked: null }),
  }
}
