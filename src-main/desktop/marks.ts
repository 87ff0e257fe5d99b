import { renameSync, writeFileSync } from 'node:fs'

/** The moments of a start, in the order in which they are expected. */
export type Mark =
  | 'main-js'
  | 'app-ready'
  | 'window-created'
  | 'ipc-registered'
  | 'dom-ready'
  /** The page's first frame is painted and shown. */
  | 'shell-painted'
  /** Its scripts and styles have run. */
  | 'page-loaded'
  /** The code of the engine is there. */
  | 'engine-loaded'
  /** It runs, or could not start and says why. */
  | 'engine-settled'

export interface Marks {
  /** Note that this moment is now; only the first time counts, so that a reload does not rewrite the start. */
  mark(name: Mark): void
  /** Milliseconds since the process was created, per moment. */
  sinceStartMs(): Partial<Record<Mark, number>>
}

/**
 * How long a start takes, counted from the creation of the process as the operating system dates it: what came
 * before our first line counts too, because the person at the screen waits for it.
 */
export const createMarks = (options: {
  /** When the process was created, milliseconds since the Unix epoch. */
  readonly startedAtMs: number
  readonly nowMs: () => number
  readonly onMark?: (sinceStartMs: Partial<Record<Mark, number>>) => void
}): Marks => {
  const seen = new Map<Mark, number>()
  const sinceStartMs = (): Partial<Record<Mark, number>> => Object.fromEntries(seen)
  return {
    mark(name) {
      if (seen.has(name)) return
      seen.set(name, Math.round((options.nowMs() - options.startedAtMs) * 10) / 10)
      options.onMark?.(sinceStartMs())
    },
    sinceStartMs,
  }
}

/** Keep the marks in a file as they come, for whoever measures a start from outside. */
export const marksToFile = (path: string) => (sinceStartMs: Partial<Record<Mark, number>>) => {
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ pid: process.pid, sinceStartMs })}\n`)
  renameSync(`${path}.tmp`, path)
}
