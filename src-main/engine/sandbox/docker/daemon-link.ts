import type { Clock } from '../../core'

/** How often a daemon is asked whether it lives while something of ours runs on it. */
const BEAT_MS = 5_000
/** How long a lost daemon is left alone between two questions: at first, and at most. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000

export type Link = 'lost' | 'back'
export type LinkListener = (link: Link, reason: string) => void

export interface DaemonLinkPorts {
  /** Rejects when the daemon does not answer in time. */
  readonly ping: () => Promise<unknown>
  readonly clock: Clock
  /** From 0 up to but not 1. */
  readonly random: () => number
  /** The reason of a failed call in words. */
  readonly wordsOf: (error: unknown) => string
  /** What was seen of the daemon: each question that failed, and the first one that it answered again. */
  readonly onSeen: (seen: { readonly answered: boolean; readonly reason: string }) => void
}

/**
 * Whether a daemon answers, asked once for all sandboxes on it and only while there are any. A lost daemon is asked again
 * after pauses that grow to two seconds, for as long as anything of ours may still run there.
 */
export interface DaemonLink {
  /** Returns how to stop. A listener that comes while the daemon is lost is told so. */
  watch(listener: LinkListener): () => void
  /** Ask now, because something points to a loss. Resolves with whether it answered. */
  check(): Promise<boolean>
  isLost(): boolean
}

export const createDaemonLink = (ports: DaemonLinkPorts): DaemonLink => {
  const { ping, clock, random, wordsOf, onSeen } = ports
  const listeners = new Set<LinkListener>()
  let lost: string | null = null
  let failures = 0
  let checking: Promise<boolean> | undefined
  let cancel: () => void = () => undefined

  const tell = (link: Link, reason: string): void => {
    for (const listener of [...listeners]) listener(link, reason)
  }

  const pauseMs = (): number => {
    if (lost === null) return BEAT_MS
    const boundMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, failures - 1))
    // Never nothing: several consoles on one daemon come back one after the other, and soon.
    return boundMs / 2 + (random() * boundMs) / 2
  }

  const schedule = (): void => {
    cancel()
    if (listeners.size > 0) cancel = clock.after(pauseMs(), () => void check())
  }

  const answered = (): boolean => {
    failures = 0
    if (lost === null) return true
    lost = null
    onSeen({ answered: true, reason: '' })
    tell('back', 'Docker answers again.')
    return true
  }

  const failed = (error: unknown): boolean => {
    failures += 1
    const reason = wordsOf(error)
    onSeen({ answered: false, reason })
    const isNew = lost === null
    lost = reason
    if (isNew) tell('lost', reason)
    return false
  }

  const check = (): Promise<boolean> => {
    checking ??= ping()
      .then(answered, failed)
      .finally(() => {
        checking = undefined
        schedule()
      })
    return checking
  }

  return {
    watch(listener) {
      listeners.add(listener)
      if (lost !== null) listener('lost', lost)
      else if (listeners.size === 1) schedule()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        cancel()
        // Nobody asks any more, so nothing is known any more.
        lost = null
        failures = 0
      }
    },
    check,
    isLost: () => lost !== null,
  }
}
