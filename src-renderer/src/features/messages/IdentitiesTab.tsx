import type { BusStats, Identity } from '@contract'
import clsx from 'clsx'
import { type ReactNode, useMemo, useState } from 'react'
import { formatCount, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useNarrow } from '@/lib/use-narrow'
import { Age, Button, type Column, CopyButton, EmptyState, Loaded, TextInput, UntrustedText, VirtualTable } from '@/ui'
import { PartyName } from './message-columns'
import { RotateDialog } from './RotateDialog'
import { useBusStats } from './StatsStrip'
import { partyWord } from './words'

type Queue = BusStats['queues'][number]
type Topic = BusStats['topics'][number]

/** From here on a queue is worth a look, and from here on it is about to refuse. */
const FILLING = 0.7
const FULL = 0.9

/** How full, as a bar beside its figure; colour and word say when it is nearly full. */
function Meter({ value, most, label }: { readonly value: number; readonly most: number; readonly label: string }) {
  const share = most === 0 ? 0 : Math.min(1, value / most)
  return (
    <span className="flex items-center gap-2">
      <meter aria-label={label} min={0} max={most} value={value} className="sr-only" />
      <span aria-hidden className="h-1.5 w-24 shrink-0 overflow-hidden rounded-full bg-active">
        <span
          className={clsx(
            'block h-full rounded-full',
            share >= FULL ? 'bg-bad-solid' : share >= FILLING ? 'bg-wait' : 'bg-accent-solid',
          )}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="num truncate">
        {formatCount(value)} <span className="text-text-3">of {formatCount(most)}</span>
        {share >= FULL && <span className="text-bad"> {share >= 1 ? 'full' : 'nearly full'}</span>}
      </span>
    </span>
  )
}

const QUEUE_COLUMNS: readonly Column<Queue>[] = [
  { id: 'party', title: 'Receiver', track: 'minmax(6rem,1fr)', cell: ({ party }) => <PartyName party={party} /> },
  {
    id: 'fill',
    title: 'Waiting',
    track: 'minmax(14rem,1.4fr)',
    cell: ({ party, queued, capacity }) => (
      <Meter value={queued} most={capacity} label={`Queue of ${partyWord(party)}`} />
    ),
  },
]

const TOPIC_COLUMNS: readonly Column<Topic>[] = [
  { id: 'name', title: 'Topic', track: 'minmax(6rem,1fr)', cell: ({ name }) => <UntrustedText text={name} /> },
  {
    id: 'subscribers',
    title: 'Subscribers',
    track: '6rem',
    align: 'end',
    cell: ({ subscribers }) => (
      <span className={clsx('num', subscribers === 0 && 'text-wait')}>
        {subscribers === 0 ? 'nobody' : formatCount(subscribers)}
      </span>
    ),
  },
  {
    id: 'messages',
    title: 'Messages',
    track: '6rem',
    align: 'end',
    cell: ({ messages }) => <span className="num text-text-2">{formatCount(messages)}</span>,
  },
]

const identityColumns = (onRotate: (identity: Identity) => void): readonly Column<Identity>[] => [
  { id: 'party', title: 'Identity', track: 'minmax(6rem,1fr)', cell: ({ party }) => <PartyName party={party} /> },
  {
    id: 'fingerprint',
    title: 'Fingerprint of its signing key',
    track: 'minmax(8rem,1.2fr)',
    cell: ({ fingerprint }) => (
      <span className="flex items-center gap-1">
        <span title={fingerprint} className="min-w-0 truncate font-mono text-xs text-text-2">
          {fingerprint}
        </span>
        <CopyButton text={fingerprint} label="Copy the fingerprint" className="size-6 shrink-0" />
      </span>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    track: '3.5rem',
    align: 'end',
    cell: ({ keyVersion }) => <span className="num text-text-2">{keyVersion}</span>,
  },
  {
    id: 'age',
    title: 'Keys made',
    track: '5rem',
    align: 'end',
    cell: ({ createdAtMs, rotatedAtMs }) => <Age atMs={rotatedAtMs ?? createdAtMs} className="num text-text-2" />,
  },
  {
    id: 'rotate',
    title: 'Rotate',
    track: '4.5rem',
    align: 'end',
    hideTitle: true,
    cell: (identity) => (
      <Button
        size="small"
        aria-label={`Rotate the keys of ${partyWord(identity.party)}`}
        onPress={() => onRotate(identity)}
      >
        Rotate
      </Button>
    ),
  },
]

function Part({
  title,
  note,
  tools,
  children,
}: {
  title: string
  note?: ReactNode
  tools?: ReactNode
  children: ReactNode
}) {
  return (
    <section aria-label={title} className="flex min-h-44 min-w-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="section-title">{title}</h2>
        {note !== undefined && <span className="num truncate text-xs text-text-3">{note}</span>}
        {tools}
      </div>
      {children}
    </section>
  )
}

const partyKey = ({ party }: { readonly party: { readonly id: string } }): string => party.id

/** Who waits for what, which topics there are, and who can sign. */
export function IdentitiesTab() {
  const narrow = useNarrow()
  const stats = useBusStats()
  const identities = useRead('messages.identities', {})
  const [chosen, setChosen] = useState<{ readonly part: string; readonly key: string } | null>(null)
  const [rotating, setRotating] = useState<Identity | null>(null)
  const [text, setText] = useState('')
  const columns = useMemo(() => identityColumns(setRotating), [])
  const needle = text.trim().toLowerCase()
  const shown = useMemo(
    () =>
      (identities.data ?? []).filter(({ party, fingerprint }) =>
        `${partyWord(party)} ${fingerprint}`.toLowerCase().includes(needle),
      ),
    [identities.data, needle],
  )
  const keyIn = (part: string) => (chosen?.part === part ? chosen.key : null)
  return (
    <div className={clsx('flex min-h-0 flex-1', narrow && 'flex-col overflow-y-auto')}>
      <div className={clsx('flex min-w-0 flex-col', narrow ? 'shrink-0' : 'min-h-0 flex-1 border-r border-line')}>
        <Loaded read={stats}>
          {({ queues, topics }) => (
            <>
              <Part title="Queues" note={queues.length === 0 ? undefined : 'the fullest first'}>
                {queues.length === 0 ? (
                  <EmptyState title="Nothing waits">
                    Every message was handed to its receiver. A queue appears here while something waits in it.
                  </EmptyState>
                ) : (
                  <VirtualTable
                    label="Queues"
                    rows={queues}
                    columns={QUEUE_COLUMNS}
                    rowKey={partyKey}
                    selectedKey={keyIn('queues')}
                    onSelect={({ party }) => setChosen({ part: 'queues', key: party.id })}
                    showHeader={false}
                  />
                )}
              </Part>
              <div className="border-t border-line" />
              <Part title="Topics" note={topics.length === 0 ? undefined : plural(topics.length, 'topic')}>
                {topics.length === 0 ? (
                  <EmptyState title="No topics yet">
                    A topic begins to exist when an agent subscribes to it or publishes on it.
                  </EmptyState>
                ) : (
                  <VirtualTable
                    label="Topics"
                    rows={topics}
                    columns={TOPIC_COLUMNS}
                    rowKey={({ name }) => name}
                    selectedKey={keyIn('topics')}
                    onSelect={({ name }) => setChosen({ part: 'topics', key: name })}
                  />
                )}
              </Part>
            </>
          )}
        </Loaded>
      </div>
      <div className={clsx('flex min-w-0 flex-col', narrow ? 'shrink-0 border-t border-line' : 'min-h-0 flex-[1.3]')}>
        <Part
          title="Identities"
          note={
            stats.data === undefined ? undefined : `signed and sealed on ${plural(stats.data.cryptoThreads, 'thread')}`
          }
          tools={
            <TextInput
              aria-label="Filter identities"
              placeholder="Filter"
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="ml-auto max-w-44"
            />
          }
        >
          <Loaded read={identities}>
            {(all) =>
              shown.length === 0 ? (
                <EmptyState title={all.length === 0 ? 'No identities yet' : 'No identity matches'}>
                  {all.length === 0
                    ? 'An agent gets keys of its own when it first sends or receives.'
                    : 'The filter looks at names and fingerprints.'}
                </EmptyState>
              ) : (
                <VirtualTable
                  label="Identities"
                  rows={shown}
                  columns={columns}
                  rowKey={partyKey}
                  selectedKey={keyIn('identities')}
                  onSelect={({ party }) => setChosen({ part: 'identities', key: party.id })}
                  rowHeight={36}
                />
              )
            }
          </Loaded>
        </Part>
      </div>
      {rotating !== null && <RotateDialog identity={rotating} onClose={() => setRotating(null)} />}
    </div>
  )
}
