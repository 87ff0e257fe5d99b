import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { Compiled } from './filter'
import { createMessageSource, type MessageSource, type MessagesSnapshot } from './message-source'

export interface Messages extends MessagesSnapshot {
  /** Changes when other rows are shown: another filter, or everything read again. */
  readonly key: string
  readonly more: () => void
  readonly stop: () => void
  /** Read everything again. */
  readonly again: () => void
}

interface Held {
  readonly key: string
  readonly source: MessageSource
}

/**
 * The messages that a filter leaves.
 * @param compiled must not change while the filter does not
 * @param live whether new ones appear by themselves
 */
export const useMessages = (compiled: Compiled, live: boolean): Messages => {
  const [round, setRound] = useState(0)
  const key = `${round} ${JSON.stringify(compiled.wire)}`
  const [held, setHeld] = useState<Held>(() => ({ key, source: createMessageSource(compiled) }))
  const [of, setOf] = useState({ key, compiled })
  // Rows of two filters must never mix.
  if (of.key !== key || of.compiled !== compiled) {
    setOf({ key, compiled })
    setHeld({ key, source: createMessageSource(compiled) })
  }
  const { source } = held
  useEffect(() => {
    source.more()
    return source.stop
  }, [source])
  useEffect(() => (live ? source.follow() : undefined), [source, live])
  const snapshot = useSyncExternalStore(source.subscribe, source.snapshot)
  return {
    ...snapshot,
    key: held.key,
    more: source.more,
    stop: source.stop,
    again: useCallback(() => setRound((before) => before + 1), []),
  }
}
