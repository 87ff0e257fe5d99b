import type { MessageHeader, StreamMessage } from '@contract'
import { AppError, toAppError } from '@/lib/app-error'
import { bridge, call } from '@/lib/client'
import { soonOnScreen } from '@/lib/streams'
import type { Compiled } from './filter'
import { createMessageList } from './message-list'
import { createScan, type ScanProgress } from './scan'

/** Rows that a page asks for, and the most that are kept. */
export const PAGE = 200
export const ROWS_CAP = 100_000
/** After the stream was too fast for the page, it is opened again this much later. */
const REOPEN_MS = 1_000

export interface MessagesSnapshot {
  /** Newest first. */
  readonly rows: readonly MessageHeader[]
  readonly scan: ScanProgress
  /** More rows match than are kept. */
  readonly trimmed: boolean
  /** Messages came faster than they could be shown: some of the new ones are missing. */
  readonly missed: boolean
  /** Why new messages no longer appear by themselves; null while they do, or are not wanted. */
  readonly followError: AppError | null
  readonly updatedAtMs: number
}

export interface MessageSource {
  readonly snapshot: () => MessagesSnapshot
  readonly subscribe: (listener: () => void) => () => void
  /** Look for the next page. */
  readonly more: () => void
  readonly stop: () => void
  /** Show messages as they are sent and change; returns how to stop. */
  readonly follow: () => () => void
}

/** The messages that one filter leaves: pages as they are scrolled to, and live what is sent meanwhile. */
export const createMessageSource = ({ wire, live, keep }: Compiled): MessageSource => {
  const listeners = new Set<() => void>()
  let missed = false
  let followError: AppError | null = null
  let updatedAtMs = 0
  let announced = false

  const scan = createScan({
    ask: (before, limit) =>
      call('messages.list', {
        filter: wire,
        limit,
        ...(before === undefined ? {} : { before }),
      }),
    keep,
    pageSize: PAGE,
    onFound: (headers) => list.addOlder(headers),
    onChange: () => announce(),
  })
  const list = createMessageList({ keep, cap: ROWS_CAP, hasOlder: () => scan.progress().state !== 'end' })
  const take = (): MessagesSnapshot => ({
    rows: list.rows(),
    scan: scan.progress(),
    trimmed: list.trimmed(),
    missed,
    followError,
    updatedAtMs,
  })
  let current = take()

  const announce = () => {
    if (announced) return
    announced = true
    soonOnScreen(() => {
      announced = false
      updatedAtMs = Date.now()
      current = take()
      for (const listener of listeners) listener()
    })
  }

  const follow = (): (() => void) => {
    let stopped = false
    let close: () => void = () => undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const fail = (error: AppError) => {
      followError = error
      announce()
    }
    const receive = (message: StreamMessage<MessageHeader>, acknowledge: () => void) => {
      if (stopped) return
      if (message.kind === 'items') {
        list.addLive(message.items)
        acknowledge()
        announce()
      } else if (message.error?.code === 'COMM_001') {
        // Faster than this page: what came meanwhile is missing, what comes from now on is not.
        missed = true
        announce()
        timer = setTimeout(open, REOPEN_MS)
      } else if (message.error !== null) fail(new AppError(message.error))
    }
    const open = () => {
      close()
      try {
        close = bridge().openStream('messages.follow', { filter: live }, receive)
      } catch (thrown) {
        fail(toAppError(thrown))
      }
    }
    followError = null
    open()
    return () => {
      stopped = true
      clearTimeout(timer)
      close()
    }
  }

  return {
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    more() {
      if (!list.trimmed()) scan.more()
    },
    stop: scan.stop,
    follow,
  }
}
