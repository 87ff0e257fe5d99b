import { useNavigate, useSearch } from '@tanstack/react-router'
import clsx from 'clsx'
import { Pause, Play } from 'lucide-react'
import { useMemo } from 'react'
import { useRead } from '@/lib/queries'
import type { MessagesSearch } from '@/lib/search'
import { useNarrow } from '@/lib/use-narrow'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, SkeletonRows } from '@/ui'
import { ConversationView } from './ConversationView'
import { FilterInput } from './FilterInput'
import { type Compiled, compileFilter, formatFilter, type MessageTerms, parseFilter } from './filter'
import { MessageDetail } from './MessageDetail'
import { focusMessages, MessageList } from './MessageList'
import { useBusStats } from './StatsStrip'
import { useMessages } from './use-messages'

const focusDetail = (): void => document.getElementById('message-detail')?.focus()

/** Who and what there is, for names in the filter and for its completion. */
const useVocabulary = () => {
  const identities = useRead('messages.identities', {})
  const stats = useBusStats()
  const parties = useMemo(() => identities.data?.map(({ party }) => party) ?? null, [identities.data])
  const topicNames = JSON.stringify(stats.data?.topics.map(({ name }) => name) ?? [])
  const topics = useMemo(() => JSON.parse(topicNames) as string[], [topicNames])
  const vocabulary = useMemo(() => ({ parties: parties ?? [], topics }), [parties, topics])
  return { parties, vocabulary, settled: identities.data !== undefined || identities.error !== null }
}

/** The filter in force. "The last ten minutes" are counted from when it was chosen, not from each new agent. */
const useCompiled = (text: string, parties: Parameters<typeof compileFilter>[1]['parties']): Compiled => {
  const parsed = useMemo(() => ({ ...parseFilter(text), nowMs: Date.now() }), [text])
  const named = parsed.terms.from ?? parsed.terms.to ?? parsed.terms.with
  // Only a filter with names depends on who there is.
  const known = named === undefined ? null : parties
  return useMemo(() => compileFilter(parsed, { parties: known, nowMs: parsed.nowMs }), [parsed, known])
}

interface ViewProps {
  readonly compiled: Compiled
  readonly vocabulary: ReturnType<typeof useVocabulary>['vocabulary']
  readonly onSend: () => void
}

function View({ compiled, vocabulary, onSend }: ViewProps) {
  const navigate = useNavigate({ from: '/messages' })
  const narrow = useNarrow()
  const search = useSearch({ from: '/messages' })
  const { id, conversation } = search
  const paused = search.paused === true
  const messages = useMessages(compiled, !paused)
  const change = (part: Partial<MessagesSearch>) =>
    void navigate({ to: '/messages', search: (before) => ({ ...before, ...part }), replace: true })
  const go = (part: Partial<MessagesSearch>) =>
    void navigate({ to: '/messages', search: (before) => ({ ...before, ...part }) })
  const listed = useMemo(() => messages.rows.find((header) => header.id === id), [messages.rows, id])
  const move = (by: number) => {
    const index = messages.rows.findIndex((header) => header.id === id)
    const next = messages.rows[Math.min(messages.rows.length - 1, Math.max(0, index + by))]
    if (next === undefined || conversation !== undefined) return
    change({ id: next.id })
    focusMessages()
  }
  const pause = () => change({ paused: paused ? undefined : true })
  const follow = () => {
    if (conversation !== undefined) go({ conversation: undefined })
    else if (listed !== undefined) go({ conversation: listed.correlationId })
  }
  useShortcuts([
    { keys: 'j', label: 'Next message', group: 'Messages', run: () => move(1) },
    { keys: 'k', label: 'Previous message', group: 'Messages', run: () => move(-1) },
    { keys: 'f', label: 'Follow the conversation, or back to all', group: 'Messages', run: follow },
    { keys: 'l', label: 'Pause or follow new messages', group: 'Messages', run: pause },
    { keys: 's', label: 'Stop filtering', group: 'Messages', run: messages.stop },
    {
      keys: '/',
      label: 'Filter messages',
      group: 'Messages',
      run: () => document.getElementById('message-filter')?.focus(),
    },
    { keys: 'Escape', label: 'Close the message', group: 'Messages', run: () => change({ id: undefined }) },
  ])
  const narrowTo = (terms: MessageTerms) =>
    go({ q: formatFilter({ ...parseFilter(search.q ?? '').terms, ...terms }), conversation: undefined })
  return (
    <>
      <div className="flex min-h-10 shrink-0 items-start gap-2 border-b border-line px-4 py-1.5">
        <FilterInput
          value={search.q ?? ''}
          vocabulary={vocabulary}
          problems={compiled.problems}
          onValue={(q) => change({ q, conversation: undefined })}
          onLeave={focusMessages}
        />
        <Button
          icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
          keyHint="L"
          onPress={pause}
        >
          {paused ? 'Follow' : 'Pause'}
        </Button>
      </div>
      <div className={clsx('flex min-h-0 flex-1', narrow && 'flex-col')}>
        <section id="message-list" aria-label="Message list" className="flex min-h-0 min-w-0 flex-1 flex-col">
          {conversation !== undefined ? (
            <ConversationView
              correlationId={conversation}
              selectedId={id}
              onSelect={(next) => change({ id: next })}
              onClose={() => go({ conversation: undefined })}
            />
          ) : (
            <MessageList
              messages={messages}
              filtered={search.q !== undefined}
              beside={id !== undefined}
              selectedId={id}
              onSelect={(next) => change({ id: next })}
              onOpen={focusDetail}
              onClear={() => change({ q: undefined })}
              onSend={onSend}
            />
          )}
        </section>
        {id !== undefined && (
          <MessageDetail
            key={id}
            id={id}
            listed={listed}
            onClose={() => change({ id: undefined })}
            onFollow={(correlationId) => go({ conversation: correlationId, id })}
            onNarrow={narrowTo}
            onSelect={(next) => change({ id: next })}
          />
        )}
      </div>
    </>
  )
}

/** Messages as they are sent, newest first, narrowed by typed terms. */
export function MessagesTab({ onSend }: { readonly onSend: () => void }) {
  const { q = '' } = useSearch({ from: '/messages' })
  const { parties, vocabulary, settled } = useVocabulary()
  const compiled = useCompiled(q, parties)
  // A filter with names would look for them twice, once without and once with knowing who they are.
  if (!settled) return <SkeletonRows rows={16} />
  return <View compiled={compiled} vocabulary={vocabulary} onSend={onSend} />
}
