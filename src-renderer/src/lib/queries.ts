import type { CallInput, CallOutput, Channel } from '@contract'
import { QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type AppError, toAppError } from './app-error'
import { call } from './client'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: AppError
  }
}

/**
 * The cache of reads. Nothing grows old by itself (topics invalidate, see live.ts), nothing is polled, and only
 * what the engine calls retryable is tried again. IPC_003 is not retried: `engine.changed` brings the answer.
 */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
        retry: (failures, error) => error.retryable && error.code !== 'IPC_003' && failures < 2,
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
  })

export interface ReadOptions<T> {
  /** False keeps the read from happening, e.g. while there is nothing to ask for. */
  readonly enabled?: boolean
  /** Milliseconds between samples; only for figures that no topic announces. Never while the window is hidden. */
  readonly sampleEveryMs?: number
  readonly keepPrevious?: boolean
  readonly initial?: T
}

/** Read through the cache under the key `[channel, input]`. */
export const useRead = <C extends Channel>(
  channel: C,
  input: CallInput<C>,
  options: ReadOptions<CallOutput<C>> = {},
): UseQueryResult<CallOutput<C>, AppError> =>
  useQuery<CallOutput<C>, AppError>({
    queryKey: [channel, input],
    queryFn: () => call(channel, input),
    enabled: options.enabled ?? true,
    ...(options.sampleEveryMs === undefined ? {} : { refetchInterval: options.sampleEveryMs }),
    ...(options.keepPrevious === true
      ? { placeholderData: (previous: CallOutput<C> | undefined) => previous as never }
      : {}),
  })

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError }

export interface Command<C extends Channel> {
  readonly busy: boolean
  readonly error: AppError | null
  /** Never rejects; the outcome is also kept in `error`. */
  readonly run: (input: CallInput<C>) => Promise<Outcome<CallOutput<C>>>
  readonly reset: () => void
}

/**
 * Send a command. On purpose not a react-query mutation: its cache would keep inputs and answers, and some of
 * those are secrets. Nothing is kept here but busy and the last error.
 */
export const useCommand = <C extends Channel>(channel: C): Command<C> => {
  const [state, setState] = useState<{ busy: boolean; error: AppError | null }>({ busy: false, error: null })
  const mounted = useRef(true)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])
  const run = useCallback(
    async (input: CallInput<C>): Promise<Outcome<CallOutput<C>>> => {
      setState({ busy: true, error: null })
      try {
        const value = await call(channel, input)
        if (mounted.current) setState({ busy: false, error: null })
        return { ok: true, value }
      } catch (thrown) {
        const error = toAppError(thrown)
        if (mounted.current) setState({ busy: false, error })
        return { ok: false, error }
      }
    },
    [channel],
  )
  const reset = useCallback(() => setState({ busy: false, error: null }), [])
  return { ...state, run, reset }
}
