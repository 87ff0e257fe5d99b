import { useCallback, useEffect, useRef, useState } from 'react'
import { type AppError, toAppError } from './app-error'

export interface Revealed<T, A extends unknown[]> {
  readonly value: T | null
  readonly untilMs: number
  readonly busy: boolean
  readonly error: AppError | null
  /** Resolves once it is shown or refused; never rejects. True when it is shown. */
  readonly reveal: (...asked: A) => Promise<boolean>
  readonly hide: () => void
}

/**
 * Something closed, while it is open. It lives in this component's state and nowhere else: `ask` goes past every cache,
 * and what it brought is let go after `forMs`, on hide, when the window loses focus or is hidden, and on unmount.
 *
 * @param ask must not change with each render
 */
export const useRevealed = <T, A extends unknown[]>(
  ask: (...asked: A) => Promise<T>,
  forMs: number,
): Revealed<T, A> => {
  const [shown, setShown] = useState<{ value: T; untilMs: number } | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  /** Grows with every hide, so that an answer that comes too late is not shown. */
  const round = useRef(0)

  const hide = useCallback(() => {
    round.current += 1
    setShown(null)
    setBusy(false)
  }, [])

  const reveal = useCallback(
    async (...asked: A): Promise<boolean> => {
      round.current += 1
      const mine = round.current
      setBusy(true)
      setError(null)
      try {
        const value = await ask(...asked)
        if (round.current !== mine) return false
        setShown({ value, untilMs: Date.now() + forMs })
        return true
      } catch (thrown) {
        if (round.current === mine) setError(toAppError(thrown))
        return false
      } finally {
        if (round.current === mine) setBusy(false)
      }
    },
    [ask, forMs],
  )

  useEffect(() => {
    if (shown === null) return
    const timer = setTimeout(hide, Math.max(0, shown.untilMs - Date.now()))
    const onHidden = () => {
      if (document.hidden) hide()
    }
    window.addEventListener('blur', hide)
    document.addEventListener('visibilitychange', onHidden)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('blur', hide)
      document.removeEventListener('visibilitychange', onHidden)
    }
  }, [shown, hide])

  useEffect(
    () => () => {
      round.current += 1
    },
    [],
  )

  return { value: shown?.value ?? null, untilMs: shown?.untilMs ?? 0, busy, error, reveal, hide }
}
