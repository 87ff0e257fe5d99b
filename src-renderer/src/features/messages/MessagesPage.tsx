import { useNavigate, useSearch } from '@tanstack/react-router'
import { PenLine } from 'lucide-react'
import { useState } from 'react'
import { useNow } from '@/lib/clock'
import { formatAge } from '@/lib/format'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, PageHeader, Tabs } from '@/ui'
import { DeadLettersTab } from './DeadLettersTab'
import { IdentitiesTab } from './IdentitiesTab'
import { MessagesTab } from './MessagesTab'
import { SendDialog } from './SendDialog'
import { StatsStrip, useBusStats } from './StatsStrip'

type Tab = 'messages' | 'dead' | 'identities'

/** Figures that were not renewed for this long are grey. */
const STALE_MS = 10_000

function Figures() {
  const stats = useBusStats()
  const now = useNow()
  const isFailing = stats.isError || stats.failureCount > 0
  const stale = stats.data !== undefined && isFailing && now - stats.dataUpdatedAt > STALE_MS
  return (
    <>
      <StatsStrip stats={stats.data} stale={stale} />
      {stale && (
        <p role="status" className="shrink-0 border-b border-line px-4 py-1 text-xs text-text-3">
          These figures are from {formatAge(stats.dataUpdatedAt, now)}; the engine does not answer.
        </p>
      )}
    </>
  )
}

function Sending({ onClose }: { readonly onClose: () => void }) {
  const topics = useBusStats().data?.topics ?? []
  return <SendDialog topics={topics.map(({ name }) => name)} onClose={onClose} />
}

/** What agents write to each other: from the outside always, from the inside only by a recorded act. */
export function MessagesPage() {
  const navigate = useNavigate()
  const { tab: chosen } = useSearch({ from: '/messages' })
  const tab: Tab = chosen ?? 'messages'
  const [sending, setSending] = useState(false)
  const dead = useBusStats().data?.deadLetters
  const show = (id: Tab) =>
    void navigate({ to: '/messages', search: { tab: id === 'messages' ? undefined : id }, replace: true })
  useShortcuts([
    { keys: 'n', label: 'New message', group: 'Messages', run: () => setSending(true) },
    { keys: '1', label: 'Show messages', group: 'Messages', run: () => show('messages') },
    { keys: '2', label: 'Show dead letters', group: 'Messages', run: () => show('dead') },
    { keys: '3', label: 'Show topics and identities', group: 'Messages', run: () => show('identities') },
  ])
  return (
    <>
      <PageHeader title="Messages" note="Signed by the sender, sealed for the receiver">
        <Button variant="primary" icon={<PenLine size={14} aria-hidden />} keyHint="N" onPress={() => setSending(true)}>
          New message
        </Button>
      </PageHeader>
      <Figures />
      <Tabs<Tab>
        label="Messages"
        items={[
          { id: 'messages', label: 'Messages' },
          { id: 'dead', label: 'Dead letters', count: dead },
          { id: 'identities', label: 'Topics and identities' },
        ]}
        selected={tab}
        onSelect={show}
      >
        {tab === 'dead' ? (
          <DeadLettersTab />
        ) : tab === 'identities' ? (
          <IdentitiesTab />
        ) : (
          <MessagesTab onSend={() => setSending(true)} />
        )}
      </Tabs>
      {sending && <Sending onClose={() => setSending(false)} />}
    </>
  )
}
