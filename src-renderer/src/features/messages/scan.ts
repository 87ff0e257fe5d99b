import type { CallOutput, MessageHeader } from '@contract'
import { type AppError, toAppError } from '@/lib/app-error'

export type Page = CallOutput<'messages.list'>

export interface ScanPorts {
  /** Ask for what is older than `before`. */
  readonly ask: (before: string | undefined, limit: number) => Promise<Page>
  readonly keep: (header: MessageHeader) => boolean
  /** How many rows make a page: the scan goes on by itself until so many were found, or there is nothing older. */
  readonly pageSize: number
  readonly onFound: (headers: readonly MessageHeader[]) => void
  readonly onChange: () => void
}

/**
 * `looking`: asking. `full`: a page was found, `more` goes on. `stopped`: by a person, `more` goes on.
 * `end`: there is nothing older. `failed`: `more` tries the same place again.
 */
export type ScanState = 'looking' | 'full' | 'stopped' | 'end' | 'failed'

export interface ScanProgress {
  readonly state: ScanState
  /** How many messages were looked at, and how many of them fit. */
  readonly looked: number
  readonly found: number
  /** The engine gave up looking at least once: little fits what is asked for. */
  readonly sparse: boolean
  readonly error: AppError | null
}

export interface Scan {
  readonly progress: () => ScanProgress
  /** Look for the next page; does nothing while one is being looked for or at the end. */
  readonly more: () => void
  /** Stop looking; what an answer on its way brings is still taken, so that nothing is looked at twice. */
  readonly stop: () => void
}

/**
 * Looks through the messages, newest first. The engine bounds what it looks at for one answer, so that a filter which
 * fits little is answered in many small ones: the scan asks on by itself, and says how far it is.
 */
export const createScan = ({ ask, keep, pageSize, onFound, onChange }: ScanPorts): Scan => {
  let progress: ScanProgress = { state: 'full', looked: 0, found: 0, sparse: false, error: null }
  let before: string | undefined
  let asking = false

  const set = (change: Partial<ScanProgress>) => {
    progress = { ...progress, ...change }
    onChange()
  }

  const take = (page: Page): boolean => {
    const fitting = page.items.filter(keep)
    // An answer that gets nowhere would be asked for again for ever.
    const stuck = page.next === before && page.items.length === 0
    before = page.next ?? before
    if (fitting.length > 0) onFound(fitting)
    set({
      looked: progress.looked + page.scanned,
      found: progress.found + fitting.length,
      sparse: progress.sparse || !page.complete || fitting.length < page.items.length,
      ...(page.next === null || stuck ? { state: 'end' as const } : {}),
    })
    return page.next !== null && !stuck
  }

  const run = async (): Promise<void> => {
    const goal = progress.found + pageSize
    asking = true
    try {
      while (progress.state === 'looking') {
        const page = await ask(before, pageSize)
        if (!take(page)) return
        if (progress.state === 'looking' && progress.found >= goal) set({ state: 'full' })
      }
    } catch (thrown) {
      set({ state: 'failed', error: toAppError(thrown) })
    } finally {
      asking = false
      // Asked to go on while the last answer was on its way.
      if (progress.state === 'looking') void run()
    }
  }

  return {
    progress: () => progress,
    more() {
      if (progress.state === 'looking' || progress.state === 'end') return
      set({ state: 'looking', error: null })
      if (!asking) void run()
    },
    stop() {
      if (progress.state === 'looking') set({ state: 'stopped' })
    },
  }
}
