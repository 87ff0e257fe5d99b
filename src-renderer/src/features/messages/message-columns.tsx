import type { MessageHeader, Party } from '@contract'
import { formatBytes, formatClockMs, formatDateTime } from '@/lib/format'
import { type Column, StatusBadge, UntrustedText } from '@/ui'
import { MESSAGE_LOOKS, partyWord, TYPE_WORDS } from './words'

/** Who; what is no agent is set apart, so that no agent can pass for it by its name. */
export function PartyName({ party }: { readonly party: Party }) {
  return party.kind === 'agent' ? (
    <bdi>{party.name}</bdi>
  ) : (
    <span className="text-text-2 italic">{partyWord(party)}</span>
  )
}

const DAY_MS = 86_400_000

const time: Column<MessageHeader> = {
  id: 'time',
  title: 'Sent',
  track: '6.5rem',
  cell: ({ sentAtMs }) => (
    <time title={formatDateTime(sentAtMs)} className="num text-text-2">
      {Date.now() - sentAtMs < DAY_MS ? formatClockMs(sentAtMs) : formatDateTime(sentAtMs).slice(5, 16)}
    </time>
  ),
}

const state: Column<MessageHeader> = {
  id: 'state',
  title: 'State',
  track: '7.5rem',
  cell: (header) => (
    <span data-state={header.state} className="inline-flex align-middle">
      <StatusBadge look={MESSAGE_LOOKS[header.state]} />
    </span>
  ),
}

const from: Column<MessageHeader> = {
  id: 'from',
  title: 'From',
  track: 'minmax(6rem,1fr)',
  cell: ({ sender }) => <PartyName party={sender} />,
}

const to: Column<MessageHeader> = {
  id: 'to',
  title: 'To',
  track: 'minmax(6rem,1fr)',
  cell: ({ recipient }) => <PartyName party={recipient} />,
}

const topic: Column<MessageHeader> = {
  id: 'topic',
  title: 'Topic',
  track: 'minmax(0,1fr)',
  cell: (header) =>
    header.topic === null ? <span className="sr-only">none</span> : <UntrustedText text={header.topic} />,
}

const type: Column<MessageHeader> = {
  id: 'type',
  title: 'Type',
  track: '5.5rem',
  cell: (header) => <span className="text-text-2">{TYPE_WORDS[header.type].word}</span>,
}

const size: Column<MessageHeader> = {
  id: 'size',
  title: 'Payload',
  track: '4.5rem',
  align: 'end',
  cell: ({ payloadBytes }) => <span className="num text-text-2">{formatBytes(payloadBytes)}</span>,
}

/** The list alone, in a narrow window with the detail below it, and with the detail beside it. */
export const WIDE: readonly Column<MessageHeader>[] = [time, state, from, to, topic, type, size]
export const NARROW: readonly Column<MessageHeader>[] = [time, state, from, to, topic, size]
export const BESIDE: readonly Column<MessageHeader>[] = [time, state, from, to, size]
