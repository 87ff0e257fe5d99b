import type { DeadLetter } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import clsx from 'clsx'
import { RotateCcw, Trash2, X } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { formatBytes, formatDateTime, plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import { useNarrow } from '@/lib/use-narrow'
import { useShortcuts } from '@/lib/use-shortcuts'
import {
  Age,
  Button,
  type Column,
  EmptyState,
  ErrorState,
  Fact,
  Facts,
  IconButton,
  Select,
  SkeletonRows,
  StateShape,
  toastDone,
  toastError,
  UntrustedText,
  VirtualGrid,
} from '@/ui'
import { PartyName } from './message-columns'
import { PurgeDialog } from './PurgeDialog'
import { useChoice } from './use-choice'
import { useDeadLetters } from './use-dead-letters'
import { DEAD_REASONS, DEAD_WORDS, partyWord } from './words'

/** The most that are replayed or purged at once. */
const AT_ONCE = 1000

const COLUMNS: readonly Column<DeadLetter>[] = [
  {
    id: 'died',
    title: 'Died',
    track: '6rem',
    cell: ({ diedAtMs }) => <Age atMs={diedAtMs} className="num text-text-2" />,
  },
  {
    id: 'reason',
    title: 'Reason',
    track: 'minmax(9rem,0.8fr)',
    cell: ({ reason }) => (
      <span className="flex items-center gap-1.5">
        <StateShape shape="cross" className="shrink-0 text-bad" />
        {DEAD_WORDS[reason].word}
      </span>
    ),
  },
  {
    id: 'code',
    title: 'Code',
    track: '6.5rem',
    cell: ({ code }) => <span className="font-mono text-xs text-text-2">{code}</span>,
  },
  { id: 'from', title: 'From', track: 'minmax(5rem,1fr)', cell: ({ header }) => <PartyName party={header.sender} /> },
  { id: 'to', title: 'To', track: 'minmax(5rem,1fr)', cell: ({ header }) => <PartyName party={header.recipient} /> },
  {
    id: 'topic',
    title: 'Topic',
    track: 'minmax(0,1fr)',
    cell: ({ header }) =>
      header.topic === null ? <span className="sr-only">none</span> : <UntrustedText text={header.topic} />,
  },
  {
    id: 'replays',
    title: 'Replays',
    track: '4rem',
    align: 'end',
    cell: ({ replays }) => <span className="num text-text-2">{replays}</span>,
  },
]

const keyOf = ({ header }: DeadLetter): string => header.id
const labelOf = ({ header }: DeadLetter): string =>
  `Choose the message from ${partyWord(header.sender)} to ${partyWord(header.recipient)}`

function Detail({ letter, onClose }: { readonly letter: DeadLetter; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const narrow = useNarrow()
  const { header, reason } = letter
  return (
    <aside
      id="dead-letter"
      aria-label="Dead letter"
      tabIndex={-1}
      className={clsx(
        'flex flex-col gap-3 overflow-y-auto border-line px-4 py-3 outline-none',
        narrow ? 'h-[46%] shrink-0 border-t' : 'w-88 shrink-0 border-l wide:w-[26rem]',
      )}
    >
      <div className="flex items-center gap-2">
        <h2 className="text-md font-semibold">{DEAD_WORDS[reason].word}</h2>
        <IconButton label="Close" keyHint="Esc" className="ml-auto" onPress={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <p>{DEAD_WORDS[reason].text}</p>
      <p className="text-text-2">{DEAD_WORDS[reason].step}</p>
      <Facts>
        <Fact name="Detail">
          <UntrustedText text={letter.detail} className="font-sans! text-sm!" />
        </Fact>
        <Fact name="Code">
          <span className="font-mono text-xs">{letter.code}</span>
        </Fact>
        <Fact name="From">
          <PartyName party={header.sender} />
        </Fact>
        <Fact name="To">
          <PartyName party={header.recipient} />
        </Fact>
        {header.topic !== null && (
          <Fact name="Topic">
            <UntrustedText text={header.topic} />
          </Fact>
        )}
        <Fact name="Sent">
          <span className="num">{formatDateTime(header.sentAtMs)}</span>
        </Fact>
        <Fact name="Died">
          <span className="num">{formatDateTime(letter.diedAtMs)}</span>
        </Fact>
        <Fact name="Attempts">
          <span className="num">
            {header.attempts}, replayed {plural(letter.replays, 'time')}
          </span>
        </Fact>
        <Fact name="Payload">
          <span className="num">sealed, {formatBytes(header.payloadBytes)}</span>
        </Fact>
      </Facts>
      <div>
        <Button onPress={() => void navigate({ to: '/messages', search: { id: header.id } })}>Open the message</Button>
      </div>
    </aside>
  )
}

/** Messages that could not be delivered, why, and what can be done with them. */
export function DeadLettersTab() {
  const narrow = useNarrow()
  const agents = useRead('messages.identities', {}).data?.filter(({ party }) => party.kind === 'agent') ?? []
  const [reason, setReason] = useState<(typeof DEAD_REASONS)[number]>()
  const [agentId, setAgentId] = useState<string>()
  const [currentId, setCurrentId] = useState<string | null>(null)
  const [purging, setPurging] = useState<readonly string[] | null>(null)
  const replaying = useCommand('deadLetters.replay')
  const { rows, total, error, loadingMore, more, retry } = useDeadLetters({ reason, agentId })
  const choice = useChoice({ rows, keyOf, labelOf, allLabel: 'Choose all that are loaded' })
  const index = useMemo(() => rows.findIndex(({ header }) => header.id === currentId), [rows, currentId])
  const current = rows[index]
  const rowAt = useCallback((at: number) => rows[at], [rows])
  const onRange = useCallback(
    (_first: number, last: number) => {
      if (last >= rows.length - 20) more()
    },
    [rows.length, more],
  )
  /** What an act is about: what is chosen, or else the row that is looked at. */
  const meant = (choice.ids.length > 0 ? choice.ids : currentId !== null && index >= 0 ? [currentId] : []).slice(
    0,
    AT_ONCE,
  )
  const replay = async () => {
    if (meant.length === 0 || replaying.busy) return
    const outcome = await replaying.run({ ids: [...meant] })
    if (!outcome.ok) return toastError(outcome.error)
    const left = meant.length - outcome.value.replayed
    toastDone(
      `${plural(outcome.value.replayed, 'message')} sent again${left === 0 ? '' : `; ${left} could not be and stay here, with the cause in the audit trail`}`,
    )
    choice.clear()
    retry()
  }
  const purge = () => {
    if (meant.length > 0) setPurging(meant)
  }
  const step = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next === undefined) return
    setCurrentId(next.header.id)
    document.querySelector<HTMLElement>('#dead-letters [role="grid"]')?.focus({ preventScroll: true })
  }
  useShortcuts([
    { keys: 'j', label: 'Next dead letter', group: 'Dead letters', run: () => step(1) },
    { keys: 'k', label: 'Previous dead letter', group: 'Dead letters', run: () => step(-1) },
    {
      keys: 'x',
      label: 'Choose it, or no longer',
      group: 'Dead letters',
      run: () => (currentId === null ? undefined : choice.toggleKey(currentId)),
    },
    { keys: 'r', label: 'Replay what is chosen', group: 'Dead letters', run: () => void replay() },
    { keys: 'd', label: 'Purge what is chosen', group: 'Dead letters', run: purge },
    { keys: 'Escape', label: 'Close the dead letter', group: 'Dead letters', run: () => setCurrentId(null) },
  ])
  if (error !== null) return <ErrorState error={error} onRetry={retry} />
  const filtered = reason !== undefined || agentId !== undefined
  return (
    <>
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <Select
          aria-label="Reason"
          className="w-44!"
          value={reason ?? ''}
          onChange={(event) => setReason(DEAD_REASONS.find((candidate) => candidate === event.target.value))}
        >
          <option value="">All reasons</option>
          {DEAD_REASONS.map((candidate) => (
            <option key={candidate} value={candidate}>
              {DEAD_WORDS[candidate].word}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Agent"
          className="w-44!"
          value={agentId ?? ''}
          onChange={(event) => setAgentId(event.target.value === '' ? undefined : event.target.value)}
        >
          <option value="">All agents</option>
          {agents.map(({ party }) => (
            <option key={party.id} value={party.id}>
              {party.name}
            </option>
          ))}
        </Select>
        {total !== null && (
          <span className="num text-xs text-text-3" aria-live="polite">
            {choice.ids.length > 0 ? `${plural(choice.ids.length, 'message')} chosen` : plural(total, 'dead letter')}
          </span>
        )}
        <div className="ml-auto flex gap-2">
          <Button
            icon={<RotateCcw size={14} aria-hidden />}
            keyHint="R"
            busy={replaying.busy}
            isDisabled={meant.length === 0}
            onPress={() => void replay()}
          >
            Replay
          </Button>
          <Button
            variant="danger-quiet"
            icon={<Trash2 size={14} aria-hidden />}
            keyHint="D"
            isDisabled={meant.length === 0}
            onPress={purge}
          >
            Purge
          </Button>
        </div>
      </div>
      {total === null ? (
        <SkeletonRows rows={12} />
      ) : rows.length === 0 ? (
        filtered ? (
          <EmptyState
            title="No dead letter matches"
            action={
              <Button
                onPress={() => {
                  setReason(undefined)
                  setAgentId(undefined)
                }}
              >
                Show all
              </Button>
            }
          >
            There may be others that the filter hides.
          </EmptyState>
        ) : (
          <EmptyState title="No dead letters">
            Every message that was promised reached its receiver or still can. What cannot is kept here with its reason
            instead of being lost.
          </EmptyState>
        )
      ) : (
        <div className={clsx('flex min-h-0 flex-1', narrow && 'flex-col')}>
          <section id="dead-letters" aria-label="Dead letter list" className="flex min-h-0 min-w-0 flex-1 flex-col">
            <VirtualGrid
              label="Dead letters"
              count={rows.length}
              rowAt={rowAt}
              rowKey={keyOf}
              columns={current !== undefined || narrow ? COLUMNS.filter(({ id }) => id !== 'topic') : COLUMNS}
              currentIndex={index}
              currentKey={currentId}
              onCurrent={(at) => setCurrentId(rows[at]?.header.id ?? null)}
              onOpen={() => document.getElementById('dead-letter')?.focus()}
              rowHeight={32}
              showHeader
              selection={choice.selection}
              onRange={onRange}
              footer={loadingMore ? <p className="px-4 py-2 text-xs text-text-3">Loading older ones</p> : undefined}
            />
          </section>
          {current !== undefined && <Detail letter={current} onClose={() => setCurrentId(null)} />}
        </div>
      )}
      {purging !== null && (
        <PurgeDialog
          ids={purging}
          onClose={() => setPurging(null)}
          onPurged={() => {
            setPurging(null)
            choice.clear()
            retry()
          }}
        />
      )}
    </>
  )
}
