import type { PolicyInspection } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type AppError, toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'

/** One stops typing for this long before the text is looked at. */
const PAUSE_MS = 350

export interface Inspection {
  /** What is known of the text; of an earlier one while the newest is looked at; null before the first. */
  readonly result: PolicyInspection | null
  /** `result` speaks of the text as it is now. */
  readonly current: boolean
  readonly error: AppError | null
  readonly run: () => void
}

/** Have the engine say everything that can be said of a text. Not cached: a text is asked about once. */
export const useInspection = (text: string): Inspection => {
  const [state, setState] = useState<{ text: string; result: PolicyInspection } | null>(null)
  const [error, setError] = useState<AppError | null>(null)
  const newest = useRef(0)
  const inspect = useCallback((asked: string) => {
    newest.current += 1
    const mine = newest.current
    call('policies.inspect', { text: asked }).then(
      (result) => {
        if (mine !== newest.current) return
        setState({ text: asked, result })
        setError(null)
      },
      (thrown: unknown) => {
        if (mine === newest.current) setError(toAppError(thrown))
      },
    )
  }, [])
  useEffect(() => {
    const timer = setTimeout(() => inspect(text), PAUSE_MS)
    return () => {
      clearTimeout(timer)
      newest.current += 1
    }
  }, [text, inspect])
  return {
    result: state?.result ?? null,
    current: state?.text === text,
    error,
    run: () => inspect(text),
  }
}
