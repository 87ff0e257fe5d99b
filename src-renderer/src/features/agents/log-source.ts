import type { LogLine } from '@contract'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { toAppError } from '@/lib/app-error'
import { call } from '@/lib/client'
import { createStreamBuffer, pourStream, type StreamSnapshot, soonOnScreen } from '@/lib/streams'

/** Lines kept in the page; the whole log can be downloaded. */
const LOG_CAP = 50_000
const PAGE = 1000

export interface RunLogView extends StreamSnapshot<LogLine> {
  /** False until the first page is here. */
  readonly loaded: boolean
  readonly hasOlder: boolean
  readonly loadOlder: () => void
}

/**
 * The log of one run: first its newest page, then what follows live; older pages on request. History is never sent
 * twice, and what is kept is bounded.
 */
export const createLogSource = (executionId: string) => {
  const buffer = createStreamBuffer<LogLine>({ cap: LOG_CAP, soon: soonOnScreen })
  let hasOlder = false
  let loaded = false
  let loading = false

  const open = (): (() => void) => {
    let closed = false
    let close: () => void = () => undefined
    let lastSeq = -1
    const receive: typeof buffer.receive = (message, acknowledge) => {
      if (message.kind === 'items') lastSeq = message.items.at(-1)?.seq ?? lastSeq
      // The log was faster than this page. Nothing is lost: it goes on after the last line that arrived.
      else if (message.error?.code === 'COMM_001' && !closed) {
        close()
        follow()
        return
      }
      buffer.receive(message, acknowledge)
    }
    const follow = (): void => {
      close = pourStream(
        { name: 'executions.tail', input: { id: executionId, afterSeq: lastSeq } },
        { ...buffer, receive },
      )
    }
    const start = async () => {
      try {
        const newest = await call('executions.log', { id: executionId, limit: PAGE })
        if (closed) return
        hasOlder = newest.length === PAGE
        loaded = true
        receive({ kind: 'items', items: newest, seq: 0 }, () => undefined)
        follow()
      } catch (thrown) {
        if (!closed) buffer.fail(toAppError(thrown))
      }
    }
    void start()
    return () => {
      closed = true
      close()
    }
  }

  const loadOlder = async (): Promise<void> => {
    const first = buffer.snapshot().items[0]
    if (loading || !hasOlder || first === undefined) return
    loading = true
    try {
      const older = await call('executions.log', { id: executionId, beforeSeq: first.seq, limit: PAGE })
      hasOlder = older.length === PAGE && buffer.snapshot().items.length + older.length < LOG_CAP
      buffer.prepend(older)
    } catch {
      // The lines that are shown stay; scrolling up again tries again.
    } finally {
      loading = false
    }
  }

  return { buffer, open, loadOlder: () => void loadOlder(), hasOlder: () => hasOlder, loaded: () => loaded }
}

/** Follow the log of a run while mounted. */
export const useRunLog = (executionId: string): RunLogView => {
  const source = useMemo(() => createLogSource(executionId), [executionId])
  useEffect(() => source.open(), [source])
  const snapshot = useSyncExternalStore(source.buffer.subscribe, source.buffer.snapshot)
  return { ...snapshot, loaded: source.loaded(), hasOlder: source.hasOlder(), loadOlder: source.loadOlder }
}

/** The whole stored log, page by page from the end, for a file. */
export const readWholeLog = async (executionId: string): Promise<readonly LogLine[]> => {
  const pages: (readonly LogLine[])[] = []
  let beforeSeq: number | undefined
  for (;;) {
    const page: readonly LogLine[] = await call('executions.log', {
      id: executionId,
      limit: PAGE,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    })
    const first = page[0]
    if (first === undefined) break
    pages.unshift(page)
    if (page.length < PAGE) break
    beforeSeq = first.seq
  }
  return pages.flat()
}
