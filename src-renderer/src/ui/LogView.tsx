import type { LogLine } from '@contract'
import { useVirtualizer } from '@tanstack/react-virtual'
import clsx from 'clsx'
import { ArrowDown, Download, Search, WrapText } from 'lucide-react'
import { useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { formatCount, plural } from '@/lib/format'
import { IconButton } from './Button'
import { LogRow } from './LogRow'
import { scrollable } from './scrollable'

export interface LogViewProps {
  readonly label: string
  readonly lines: readonly LogLine[]
  /** True while more lines may come. */
  readonly live: boolean
  /** Why nothing is shown yet. */
  readonly emptyText: string
  readonly note?: string | null
  /** Older lines exist that are not loaded. */
  readonly hasOlder: boolean
  readonly onOlder: () => void
  readonly onDownload: () => void
  readonly tools?: React.ReactNode
}

const ROW_PX = 20
/** Nearer to the end than this counts as "at the bottom". */
const BOTTOM_SLACK_PX = 24

/** How many lines came after `seq`; they are at the end, so only they are looked at. */
const countAfter = (lines: readonly LogLine[], seq: number): number => {
  let count = 0
  while (count < lines.length && (lines[lines.length - 1 - count]?.seq ?? seq) > seq) count += 1
  return count
}

/**
 * A log that follows only while it is scrolled to its end; scrolling up keeps the place and counts what is new.
 * Filtering is by plain text, with a count.
 */
export function LogView(props: LogViewProps) {
  const { label, lines, live, emptyText, note, hasOlder, onOlder, onDownload, tools } = props
  const [filter, setFilter] = useState('')
  const [wrap, setWrap] = useState(true)
  const [atBottom, setAtBottom] = useState(true)
  const [seenSeq, setSeenSeq] = useState(-1)
  const needle = useDeferredValue(filter.trim().toLowerCase())
  const shown = useMemo(
    () => (needle === '' ? lines : lines.filter((line) => line.text.toLowerCase().includes(needle))),
    [lines, needle],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => shown[index]?.seq ?? index,
    overscan: 24,
  })
  const lastSeq = shown.at(-1)?.seq ?? -1

  // Rows are measured after they are drawn, so the end moves once more: the total is a reason to follow too.
  const totalPx = virtualizer.getTotalSize()
  useLayoutEffect(() => {
    const node = scroller.current
    if (!atBottom || node === null || totalPx === 0) return
    node.scrollTop = node.scrollHeight
    setSeenSeq(lastSeq)
  }, [atBottom, totalPx, lastSeq])

  // Older lines put in front must not move what is being read.
  const firstSeq = shown[0]?.seq ?? -1
  const anchor = useRef({ firstSeq, count: shown.length })
  useLayoutEffect(() => {
    const before = anchor.current
    anchor.current = { firstSeq, count: shown.length }
    const node = scroller.current
    if (node === null || before.firstSeq === -1 || firstSeq >= before.firstSeq || atBottom) return
    node.scrollTop += (shown.length - before.count) * ROW_PX
  }, [firstSeq, shown.length, atBottom])

  const onScroll = () => {
    const node = scroller.current
    if (node === null) return
    const bottom = node.scrollHeight - node.scrollTop - node.clientHeight < BOTTOM_SLACK_PX
    const wentUp = node.scrollTop < lastTop.current
    lastTop.current = node.scrollTop
    // Only a person scrolls up; that the end moved away by itself is no reason to stop following.
    if (bottom) {
      setAtBottom(true)
      setSeenSeq(lastSeq)
    } else if (wentUp) setAtBottom(false)
    if (node.scrollTop < 200 && hasOlder && needle === '') onOlder()
  }

  const toggleWrap = () => {
    setWrap(!wrap)
    virtualizer.measure()
  }
  const newCount = atBottom ? 0 : countAfter(shown, seenSeq)

  return (
    <section aria-label={`${label} panel`} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-3">
        <div className="flex min-w-0 flex-1 items-center gap-2">
          <Search size={14} className="shrink-0 text-text-3" aria-hidden />
          <input
            aria-label="Filter log"
            placeholder="Filter"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            className="h-6 w-24 min-w-16 wide:w-48 rounded-sm bg-transparent px-1 outline-offset-0"
          />
          <span aria-live="polite" className="num truncate text-xs text-text-3">
            {needle === ''
              ? plural(lines.length, 'line')
              : `${formatCount(shown.length)} of ${plural(lines.length, 'line')}`}
            {note !== undefined && note !== null && ` · ${note}`}
          </span>
        </div>
        {live && (
          <span className="mr-1 flex items-center gap-1.5 text-xs text-run">
            <span className="size-1.5 rounded-full bg-run" aria-hidden /> Live
          </span>
        )}
        {tools}
        <IconButton label="Wrap lines" pressed={wrap} onPress={toggleWrap}>
          <WrapText size={16} aria-hidden />
        </IconButton>
        <IconButton label="Download log" onPress={onDownload}>
          <Download size={16} aria-hidden />
        </IconButton>
      </div>
      <div className="relative min-h-0 flex-1">
        <div
          ref={scroller}
          role="log"
          aria-label={label}
          aria-live="off"
          {...scrollable}
          onScroll={onScroll}
          className="absolute inset-0 overflow-auto bg-sunken py-1 font-mono text-xs outline-offset-[-2px]"
        >
          {shown.length === 0 && (
            <p className="px-4 py-3 font-sans text-sm text-text-3">
              {needle === '' ? emptyText : 'No line contains this text.'}
            </p>
          )}
          <div className="relative min-w-full" style={{ height: totalPx }}>
            {virtualizer.getVirtualItems().map((item) => {
              const line = shown[item.index]
              return line === undefined ? null : (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={clsx('absolute left-0', wrap ? 'w-full' : 'min-w-full')}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LogRow line={line} wrap={wrap} needle={needle} />
                </div>
              )
            })}
          </div>
        </div>
        {!atBottom && (
          <button
            type="button"
            onClick={() => setAtBottom(true)}
            className="absolute right-4 bottom-3 flex h-7 items-center gap-1.5 rounded-md border border-line-strong bg-raised px-2.5 text-xs font-medium shadow-lift hover:bg-hover"
          >
            <ArrowDown size={14} aria-hidden />
            <span className="num">{newCount === 0 ? 'Latest' : `${formatCount(newCount)} new`}</span>
          </button>
        )}
      </div>
    </section>
  )
}

/** A log as text, for a file. */
export const logAsText = (lines: readonly LogLine[]): string =>
  lines
    .map((line) => `${new Date(line.atMs).toISOString()} ${line.source} ${line.level} ${line.text}`)
    .concat('')
    .join('\n')
