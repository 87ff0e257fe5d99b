import { useCallback, useEffect, useRef, useState } from 'react'
import { type AppError, toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'

/** How long a value stays on the screen. */
export const REVEAL_MS = 30_000

export interface Revealed {
  readonly value: string | null
  readonly untilMs: number
  readonly busy: boolean
  readonly error: AppError | null
  readonly reveal: () => void
  readonly hide: () => void
}

/**
 * A secret's value while it is shown. It lives in this component's state and nowhere else: it is asked for directly,
 * past every cache, and let go after 30 s, on hide, when the window loses focus or is hidden, and on unmount.
 */
export const useRevealed = (name: string): Revealed => {
  const [shown, setShown] = useState<{ value: string; untilMs: number } | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  /** Grows with every hide, so that an answer that comes too late is not shown. */
  const round = useRef(0)

  const hide = useCallback(() => {
    round.current += 1
    setShown(null)
    setBusy(false)
  }, [])

  const reveal = useCallback(() => {
    round.current += 1
    const mine = round.current
    setBusy(true)
    setError(null)
    call('secrets.reveal', { name })
      .then(
        (answer) => {
          if (round.current === mine) setShown({ value: answer.value, untilMs: Date.now() + REVEAL_MS })
        },
        (thrown: unknown) => {
          if (round.current === mine) setError(toAppError(thrown))
        },
      )
      .finally(() => {
        if (round.current === mine) setBusy(false)
      })
  }, [name])

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
