import type { Bridge, StreamInput, StreamItem, StreamMessage, StreamName } from '@contract'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { AppError, toAppError } from './app-error'
import { bridge } from './client'

export interface StreamSnapshot<T> {
  readonly items: readonly T[]
  /** How many of the oldest items were let go because of the cap. */
  readonly dropped: number
  readonly ended: boolean
  readonly error: AppError | null
}

export interface StreamBuffer<T> {
  readonly receive: (message: StreamMessage<T>, acknowledge: () => void) => void
  /** Put older items in front, as far as the cap allows. */
  readonly prepend: (older: readonly T[]) => void
  readonly fail: (error: AppError) => void
  readonly snapshot: () => StreamSnapshot<T>
  readonly subscribe: (listener: () => void) => () => void
}

export interface BufferOptions {
  /** The most items that are kept; when it is passed, the oldest tenth goes at once. */
  readonly cap: number
  /** Run `work` soon; listeners are told at most once per call, however many batches arrive. */
  readonly soon: (work: () => void) => void
}

/** Gathers a stream's items with a bound on memory. A batch is acknowledged once it is stored here. */
export const createStreamBuffer = <T>({ cap, soon }: BufferOptions): StreamBuffer<T> => {
  let items: T[] = []
  let current: StreamSnapshot<T> = { items, dropped: 0, ended: false, error: null }
  let dropped = 0
  let ended = false
  let error: AppError | null = null
  let announced = false
  const listeners = new Set<() => void>()

  const announce = () => {
    if (announced) return
    announced = true
    soon(() => {
      announced = false
      current = { items: items.slice(), dropped, ended, error }
      for (const listener of listeners) listener()
    })
  }

  const trim = () => {
    if (items.length <= cap) return
    const excess = Math.max(items.length - cap, Math.ceil(cap / 10))
    items = items.slice(excess)
    dropped += excess
  }

  return {
    receive: (message, acknowledge) => {
      if (message.kind === 'end') {
        ended = true
        error = message.error === null ? null : new AppError(message.error)
      } else {
        for (const item of message.items) items.push(item)
        trim()
        acknowledge()
      }
      announce()
    },
    prepend: (older) => {
      const room = cap - items.length
      if (room <= 0) return
      items = [...older.slice(-room), ...items]
      announce()
    },
    fail: (thrown) => {
      ended = true
      error = thrown
      announce()
    },
    snapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Two frames: fast enough for the eye, slow enough for the list. */
export const soonOnScreen = (work: () => void): void => {
  setTimeout(work, 33)
}

/** Open a stream on the bridge into a buffer; returns how to close it. */
export const pourStream = <S extends StreamName>(
  source: { readonly name: S; readonly input: StreamInput<S> },
  buffer: StreamBuffer<StreamItem<S>>,
  openStream: Bridge['openStream'] = (name, input, onMessage) => bridge().openStream(name, input, onMessage),
): (() => void) => {
  try {
    return openStream(source.name, source.input, buffer.receive)
  } catch (thrown) {
    buffer.fail(toAppError(thrown))
    return () => undefined
  }
}

/** Follow a stream while the component is mounted. Another input starts over with an empty buffer. */
export const useStream = <S extends StreamName>(
  name: S,
  input: StreamInput<S>,
  options: { readonly cap: number },
): StreamSnapshot<StreamItem<S>> => {
  const key = JSON.stringify(input)
  // A new buffer per input is the point of `key`: items of two runs must never mix.
  const buffer = useMemo(
    () => ({ key, ...createStreamBuffer<StreamItem<S>>({ cap: options.cap, soon: soonOnScreen }) }),
    [key, options.cap],
  )
  useEffect(() => pourStream({ name, input: JSON.parse(buffer.key) as StreamInput<S> }, buffer), [name, buffer])
  return useSyncExternalStore(buffer.subscribe, buffer.snapshot)
}
