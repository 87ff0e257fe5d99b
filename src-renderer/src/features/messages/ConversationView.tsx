import type { MessageState } from '@contract'
import clsx from 'clsx'
import { ArrowLeft, ArrowRight, CornerDownRight } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { formatBytes, formatDateTime, formatDuration, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { Button, EmptyState, Loaded, StatusBadge, UntrustedText } from '@/ui'
import { type Turn, turnsOf } from './conversation'
import { PartyName } from './message-columns'
import { MESSAGE_LOOKS, TYPE_WORDS } from './words'

/** A conversation longer than this shows its beginning. */
const MOST = 1000

function Fate({ turn }: { readonly turn: Turn }) {
  if (turn.copies.length === 1) return <StatusBadge look={MESSAGE_LOOKS[turn.header.state]} />
  return (
    <span className="flex flex-wrap gap-x-3">
      {Object.entries(turn.states).map(([state, count]) => (
        <span key={state} className="num flex items-center gap-1">
          {count} <StatusBadge look={MESSAGE_LOOKS[state as MessageState]} />
        </span>
      ))}
    </span>
  )
}

interface RowProps {
  readonly turn: Turn
  readonly startMs: number
  readonly selected: boolean
  readonly onSelect: (id: string) => void
}

function Row({ turn, startMs, selected, onSelect }: RowProps) {
  const { header, answers, answeredAfterMs } = turn
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  return (
    <li ref={item} data-message={header.id}>
      {turn.gapMs !== null && (
        <p className="num flex items-center gap-3 px-4 py-1 text-xs text-text-3">
          <span className="h-px flex-1 bg-line" />
          {formatDuration(turn.gapMs)} later
          <span className="h-px flex-1 bg-line" />
        </p>
      )}
      <button
        type="button"
        aria-current={selected ? 'true' : undefined}
        onClick={() => onSelect(header.id)}
        className={clsx(
          'flex w-full flex-col gap-0.5 border-b border-line px-4 py-1.5 text-left outline-offset-[-2px]',
          answers !== null && 'pl-9',
          selected ? 'bg-selected' : 'hover:bg-hover',
        )}
      >
        <span className="flex w-full min-w-0 items-center gap-2">
          {answers !== null && <CornerDownRight size={14} className="-ml-5 shrink-0 text-text-3" aria-hidden />}
          <span className="min-w-0 truncate font-medium">
            <PartyName party={header.sender} />
          </span>
          <ArrowRight size={13} className="shrink-0 text-text-3" aria-label="to" />
          <span className="min-w-0 truncate">
            {turn.copies.length > 1 ? plural(turn.copies.length, 'receiver') : <PartyName party={header.recipient} />}
          </span>
          {header.topic !== null && (
            <span className="min-w-0 truncate text-text-2">
              <UntrustedText text={header.topic} />
            </span>
          )}
          <span className="num ml-auto shrink-0 text-xs text-text-3">+{formatDuration(header.sentAtMs - startMs)}</span>
        </span>
        <span className="flex w-full flex-wrap items-center gap-x-3 text-xs text-text-2">
          <span className="w-18">{TYPE_WORDS[header.type].word}</span>
          <Fate turn={turn} />
          <span className="num text-text-3">{formatBytes(header.payloadBytes)}</span>
          {turn.deliveryMs !== null && (
            <span className="num text-text-3">delivered in {formatDuration(turn.deliveryMs)}</span>
          )}
          {answers !== null && <span className="num">answers after {formatDuration(answers.afterMs)}</span>}
          {answeredAfterMs === null && <span className="text-wait">no answer</span>}
          {answeredAfterMs !== undefined && answeredAfterMs !== null && (
            <span className="num text-text-3">answered in {formatDuration(answeredAfterMs)}</span>
          )}
        </span>
      </button>
    </li>
  )
}

export interface ConversationViewProps {
  readonly correlationId: string
  readonly selectedId: string | undefined
  readonly onSelect: (id: string) => void
  readonly onClose: () => void
}

/** Everything under one correlation id in the order of time: requests with their answers, silences and delays. */
export function ConversationView({ correlationId, selectedId, onSelect, onClose }: ConversationViewProps) {
  const read = useRead('messages.conversation', { correlationId, limit: MOST })
  const turns = useMemo(() => turnsOf(read.data ?? []), [read.data])
  const first = turns[0]?.header
  const last = turns.at(-1)?.header
  return (
    <>
      <div className="flex min-h-10 shrink-0 items-center gap-3 border-b border-line px-4 py-1">
        <Button size="small" icon={<ArrowLeft size={13} aria-hidden />} keyHint="F" onPress={onClose}>
          All messages
        </Button>
        {first !== undefined && last !== undefined && (
          <span className="num min-w-0 truncate text-text-2">
            {plural(turns.length, 'message')} from {formatDateTime(first.sentAtMs)}, over{' '}
            {formatDuration(last.sentAtMs - first.sentAtMs)}
            {read.data?.length === MOST && `, the first ${MOST} copies`}
          </span>
        )}
      </div>
      <Loaded read={read}>
        {() =>
          first === undefined ? (
            <EmptyState title="Nothing is kept under this id">Its messages may be older than what is kept.</EmptyState>
          ) : (
            <section aria-label="Conversation" className="min-h-0 flex-1 overflow-y-auto">
              <ol>
                {turns.map((turn) => (
                  <Row
                    key={turn.header.id}
                    turn={turn}
                    startMs={first.sentAtMs}
                    selected={turn.copies.some(({ id }) => id === selectedId)}
                    onSelect={onSelect}
                  />
                ))}
              </ol>
            </section>
          )
        }
      </Loaded>
    </>
  )
}
