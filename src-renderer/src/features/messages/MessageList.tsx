import type { MessageHeader } from '@contract'
import { ArrowUp } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { formatCount, plural } from '@/lib/format'
import { useNarrow } from '@/lib/use-narrow'
import { Button, EmptyState, ErrorNotice, ErrorState, Notice, SkeletonRows, VirtualGrid } from '@/ui'
import { BESIDE, NARROW, WIDE } from './message-columns'
import { ROWS_CAP } from './message-source'
import { ScanNotice } from './ScanNotice'
import type { Messages } from './use-messages'

export const focusMessages = (): void =>
  document.querySelector<HTMLElement>('#message-list [role="grid"]')?.focus({ preventScroll: true })

/** What is new stays above the reader who has scrolled down, and is counted instead. */
const useHeldBack = (rows: readonly MessageHeader[]) => {
  const [topId, setTopId] = useState<string | null>(null)
  const held =
    topId === null
      ? 0
      : Math.max(
          0,
          rows.findIndex(({ id }) => id === topId),
        )
  const newest = rows[0]?.id ?? null
  const onTop = (atTop: boolean) => setTopId((before) => (atTop ? null : (before ?? newest)))
  return { held, onTop, shown: useMemo(() => (held === 0 ? rows : rows.slice(held)), [rows, held]) }
}

export interface MessageListProps {
  readonly messages: Messages
  readonly filtered: boolean
  /** A message is shown beside the list. */
  readonly beside: boolean
  readonly selectedId: string | undefined
  readonly onSelect: (id: string) => void
  readonly onOpen: () => void
  readonly onClear: () => void
  readonly onSend: () => void
}

const rowKey = ({ id }: MessageHeader) => id

/** The messages that match, newest first, with how far the filter has looked. */
export function MessageList(props: MessageListProps) {
  const { messages, filtered, beside, selectedId, onSelect, onOpen, onClear, onSend } = props
  const { scan, rows } = messages
  const narrow = useNarrow()
  const { shown, held, onTop } = useHeldBack(rows)
  const selectedIndex = useMemo(
    () => (selectedId === undefined ? -1 : shown.findIndex(({ id }) => id === selectedId)),
    [shown, selectedId],
  )
  const rowAt = useCallback((index: number) => shown[index], [shown])
  const { more } = messages
  const count = shown.length
  const onRange = useCallback(
    (_first: number, last: number) => {
      if (last >= count - 40) more()
    },
    [count, more],
  )
  const notice = <ScanNotice scan={scan} onStop={messages.stop} onMore={messages.more} />
  if (rows.length === 0) {
    if (scan.error !== null && scan.error.code !== 'IPC_003')
      return <ErrorState error={scan.error} onRetry={messages.more} />
    if (scan.state !== 'end')
      return (
        <>
          {notice}
          {scan.state === 'stopped' ? (
            <EmptyState title="No match so far" action={<Button onPress={messages.more}>Go on</Button>}>
              You stopped the filter after {plural(scan.looked, 'message')}; older ones were not looked at.
            </EmptyState>
          ) : (
            <SkeletonRows rows={14} />
          )}
        </>
      )
    return filtered ? (
      <>
        {notice}
        <EmptyState title="No message matches" action={<Button onPress={onClear}>Show all messages</Button>}>
          {plural(scan.looked, 'message')} looked at, to the oldest. New ones that match appear by themselves.
        </EmptyState>
      </>
    ) : (
      <EmptyState title="No messages yet" action={<Button onPress={onSend}>New message</Button>}>
        Agents write to each other through the bus: signed by the sender, sealed for the receiver, decided by the
        policy. Each message appears here by itself.
      </EmptyState>
    )
  }
  return (
    <>
      {notice}
      {messages.followError !== null && (
        <ErrorNotice
          error={messages.followError}
          action={
            <Button size="small" onPress={messages.again}>
              Retry
            </Button>
          }
        />
      )}
      {messages.missed && (
        <Notice
          tone="wait"
          title="Messages came faster than they can be shown here, so some of the newest are missing in this list"
          action={
            <Button size="small" onPress={messages.again}>
              Read again
            </Button>
          }
        />
      )}
      <div className="relative flex min-h-0 flex-1 flex-col">
        {held > 0 && (
          <Button
            size="small"
            variant="primary"
            className="absolute top-10 left-1/2 z-20 -translate-x-1/2"
            icon={<ArrowUp size={12} aria-hidden />}
            onPress={() => {
              onTop(true)
              document.querySelector('#message-list [role="grid"]')?.parentElement?.scrollTo({ top: 0 })
            }}
          >
            {plural(held, 'new message')}
          </Button>
        )}
        <VirtualGrid
          label="Messages"
          count={count}
          rowAt={rowAt}
          rowKey={rowKey}
          columns={narrow ? NARROW : beside ? BESIDE : WIDE}
          currentIndex={selectedIndex}
          currentKey={selectedId ?? null}
          onCurrent={(index) => {
            const header = shown[index]
            if (header !== undefined) onSelect(header.id)
          }}
          onOpen={onOpen}
          rowHeight={32}
          showHeader
          listKey={messages.key}
          onRange={onRange}
          onTop={onTop}
          footer={
            messages.trimmed ? (
              <p className="px-4 py-2 text-xs text-text-3">
                The newest {formatCount(ROWS_CAP)} are shown. Add until: to the filter to see older ones.
              </p>
            ) : scan.state === 'looking' ? (
              <p className="px-4 py-2 text-xs text-text-3">Loading older messages</p>
            ) : undefined
          }
        />
      </div>
    </>
  )
}
