import type { AgentId, BulkAct } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { AppError } from '@/lib/app-error'
import { useCommand } from '@/lib/queries'
import { toastDone, toastError } from '@/ui'
import { type BulkOutcome, callsOf, outcomeSentence, together } from './bulk'

/** What was asked, or what came of it. */
export type BulkState =
  | { readonly step: 'idle' }
  | { readonly step: 'asking'; readonly act: BulkAct; readonly ids: readonly AgentId[] }
  | { readonly step: 'told'; readonly act: BulkAct; readonly outcome: BulkOutcome }

export interface Bulk {
  readonly state: BulkState
  readonly busy: boolean
  readonly error: AppError | null
  readonly ask: (act: BulkAct, ids: ReadonlySet<AgentId>) => void
  readonly confirm: (reason: string) => Promise<void>
  readonly close: () => void
}

/**
 * An act on many agents, from the question to the result. The engine shows its progress among the tasks; the question
 * can be closed meanwhile, and what failed is told when it ends.
 */
export const useBulk = (onDone: () => void): Bulk => {
  const [state, setState] = useState<BulkState>({ step: 'idle' })
  const command = useCommand('agents.bulk')
  const { run, reset } = command
  const looking = useRef({ page: true, question: false })
  useEffect(() => {
    const now = looking.current
    now.page = true
    return () => {
      now.page = false
      now.question = false
    }
  }, [])
  const close = useCallback(() => {
    looking.current.question = false
    setState({ step: 'idle' })
  }, [])
  const ask = useCallback(
    (act: BulkAct, ids: ReadonlySet<AgentId>) => {
      reset()
      looking.current.question = true
      setState({ step: 'asking', act, ids: [...ids] })
    },
    [reset],
  )
  const confirm = useCallback(
    async (reason: string) => {
      if (state.step !== 'asking') return
      const { act, ids } = state
      const given = reason.trim()
      const outcomes: BulkOutcome[] = []
      for (const part of callsOf(ids)) {
        const answer = await run({ ids: [...part], act, ...(given.length >= 3 ? { reason: given } : {}) })
        if (!answer.ok) {
          // The question says why as long as it is open.
          if (!looking.current.question || outcomes.length > 0) toastError(answer.error)
          if (outcomes.length === 0) return
          break
        }
        outcomes.push(answer.value)
      }
      const outcome = together(outcomes)
      onDone()
      if (outcome.failed.length === 0) {
        toastDone(outcomeSentence(act, outcome))
        setState({ step: 'idle' })
      } else if (looking.current.page) setState({ step: 'told', act, outcome })
      else
        toastError(
          new AppError({
            code: outcome.failed[0]?.error.code ?? 'INTERNAL_001',
            message: outcomeSentence(act, outcome),
            nextStep: 'The audit trail names each agent with its cause.',
            retryable: false,
          }),
        )
    },
    [state, run, onDone],
  )
  return { state, busy: command.busy, error: command.error, ask, confirm, close }
}
