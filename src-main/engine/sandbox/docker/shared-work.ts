export type OnProgress = (step: string, progress: number | null) => void
export type Work<T> = (signal: AbortSignal, onProgress: OnProgress) => Promise<T>

/**
 * Slow work that many may ask for at once and that is done once: all hear its progress, each can stop waiting by
 * its own signal, and the work itself is called off when nobody waits any more.
 */
export const createSharedWork = <T>(work: Work<T>): Work<T> => {
  let current: { result: Promise<T>; abort: AbortController; listeners: Set<OnProgress>; waiting: number } | undefined

  const begin = (): NonNullable<typeof current> => {
    const abort = new AbortController()
    const listeners = new Set<OnProgress>()
    const result = work(abort.signal, (step, progress) => {
      for (const listener of listeners) listener(step, progress)
    })
    const mine = { result, abort, listeners, waiting: 0 }
    current = mine
    const clear = (): void => {
      if (current === mine) current = undefined
    }
    result.then(clear, clear)
    return mine
  }

  return async (signal, onProgress) => {
    signal.throwIfAborted()
    const shared = current ?? begin()
    const listener: OnProgress = (step, progress) => onProgress(step, progress)
    shared.listeners.add(listener)
    shared.waiting += 1
    let onAbort: () => void = () => undefined
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      return await Promise.race([shared.result, aborted])
    } finally {
      signal.removeEventListener('abort', onAbort)
      shared.listeners.delete(listener)
      shared.waiting -= 1
      if (shared.waiting === 0 && current === shared) {
        current = undefined
        shared.abort.abort(new Error('nobody waits for this any more'))
      }
    }
  }
}
