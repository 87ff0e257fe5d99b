import type {
  BusStats,
  CallInput,
  CallOutput,
  Channel,
  DeadLetter,
  Identity,
  MessageDetail,
  MessageFilter,
  MessageHeader,
  Party,
  StreamMessage,
  WireError,
} from '@contract'
import { fakeHash, fakeId, MINUTE, NOW, wire } from './fake-ids'

type Named = Extract<Channel, `messages.${string}` | `deadLetters.${string}`>
type Calls = { [C in Named]: (input: CallInput<C>) => CallOutput<C> }

const NAMES = [
  'Queue watcher',
  'Echo service',
  'Summarize the weekly notes',
  'Invoice reader',
  'Ledger',
  'Mail bot',
  'Price list',
  'Nightly report',
] as const
const TOPICS = ['orders/new', 'orders/done', 'alerts', 'prices/eu'] as const
const TYPES = ['direct', 'publish', 'request', 'response', 'direct', 'broadcast'] as const
/** How many messages there are, and how many are looked at for one answer. */
const TOTAL = 120_000
const BUDGET = 4_000

const PARTIES: readonly Party[] = [
  { id: fakeId<string>(20, 90), name: 'console', kind: 'console' },
  { id: fakeId<string>(20, 91), name: 'engine', kind: 'engine' },
  ...NAMES.map((name, index): Party => ({ id: fakeId<string>(20, index), name, kind: 'agent' })),
]
const partyAt = (index: number): Party => PARTIES[index % PARTIES.length] ?? { id: '', name: '', kind: 'agent' }

const stateOf = (n: number): MessageHeader['state'] =>
  n > TOTAL - 4
    ? 'queued'
    : n > TOTAL - 9
      ? 'delivered'
      : n % 997 === 0
        ? 'dead'
        : n % 613 === 0
          ? 'expired'
          : n % 401 === 0
            ? 'dropped'
            : 'acknowledged'

const message = (n: number): MessageHeader => {
  const conversation = Math.floor(n / 6)
  const type = TYPES[n % TYPES.length] ?? 'direct'
  const [a, b] = [2 + (conversation % 8), 2 + ((conversation + 3) % 8)]
  const back = type === 'response'
  const sentAtMs = NOW - (TOTAL - n) * 1_370 - (n % 6 === 0 ? 0 : 400)
  const state = stateOf(n)
  const handed = state === 'delivered' || state === 'acknowledged' || state === 'dead'
  return {
    id: fakeId(21, n),
    groupId: fakeId(21, n),
    sender: n % 41 === 0 ? partyAt(0) : partyAt(back ? b : a),
    recipient: partyAt(back ? a : b),
    topic: type === 'publish' ? (TOPICS[conversation % TOPICS.length] ?? null) : null,
    type,
    sequence: n,
    sentAtMs,
    ttlMs: 60 * MINUTE,
    correlationId: fakeId(22, conversation),
    replyTo: back ? fakeId(21, n - 1) : null,
    payloadBytes: 40 + ((n * 7919) % 9000),
    sealedBytes: 68 + ((n * 7919) % 9000),
    guarantee: state === 'dropped' ? 'at-most-once' : 'at-least-once',
    state,
    attempts: state === 'dead' ? 5 : handed ? 1 : 0,
    deliveredAtMs: handed ? sentAtMs + 3 + (n % 9) : null,
    acknowledgedAtMs: state === 'acknowledged' ? sentAtMs + 6 + (n % 20) : null,
  }
}

const fits = (header: MessageHeader, filter: CallInput<'messages.list'>['filter'] | MessageFilter): boolean => {
  const { sender, recipient, topic } = header
  const among = (id: string | undefined) => id === undefined || sender.id === id || recipient.id === id
  const text = filter.text?.toLowerCase()
  return (
    among(filter.agentId) &&
    among(filter.peerId) &&
    (filter.topic === undefined || topic === filter.topic) &&
    (filter.types === undefined || filter.types.includes(header.type)) &&
    (filter.states === undefined || filter.states.includes(header.state)) &&
    (filter.correlationId === undefined || header.correlationId === filter.correlationId) &&
    (filter.sinceMs === undefined || header.sentAtMs >= filter.sinceMs) &&
    (filter.untilMs === undefined || header.sentAtMs < filter.untilMs) &&
    (filter.minBytes === undefined || header.payloadBytes >= filter.minBytes) &&
    (text === undefined || `${sender.name}\n${recipient.name}\n${topic ?? ''}`.toLowerCase().includes(text))
  )
}

const numberOf = (id: string): number => Number.parseInt(id.slice(-12), 16)

const detailOf = (header: MessageHeader): MessageDetail => ({
  ...header,
  verification: {
    signature: 'valid',
    form: header.sequence % 3 === 0 ? 'batch' : 'single',
    senderKey: fakeHash(numberOf(header.sender.id)).slice(0, 43),
    keyVersion: 1,
    detail: 'Header and sealed payload were checked against the sender’s key of that time.',
  },
  cipher: { name: 'AES-256-GCM', agreement: 'X25519', nonce: fakeHash(header.sequence).slice(0, 16) },
  history: [
    { atMs: header.sentAtMs, what: 'Accepted by the policy, signed, sealed and kept' },
    ...(header.deliveredAtMs === null ? [] : [{ atMs: header.deliveredAtMs, what: 'Handed to the receiver' }]),
    ...(header.acknowledgedAtMs === null ? [] : [{ atMs: header.acknowledgedAtMs, what: 'Acknowledged' }]),
  ],
})

const REASONS = [
  'not-acknowledged',
  'expired',
  'queue-full',
  'recipient-gone',
  'refused-by-policy',
  'does-not-verify',
] as const
const CODES = ['COMM_001', 'COMM_008', 'COMM_005', 'COMM_001', 'POLICY_001', 'COMM_003'] as const

const makeDead = (): DeadLetter[] =>
  Array.from({ length: 14 }, (_, index) => ({
    header: { ...message(TOTAL - 997 * (index + 1)), state: 'dead' as const, attempts: 5 },
    reason: REASONS[index % REASONS.length] ?? 'expired',
    code: CODES[index % CODES.length] ?? 'COMM_001',
    detail:
      index % 2 === 0
        ? 'Handed over 5 times in 4 min 10 s without an acknowledgement.'
        : 'It waited longer than an hour.',
    diedAtMs: NOW - (index * 11 + 2) * MINUTE,
    replays: index % 3 === 0 ? 1 : 0,
  }))

const stats = (dead: number): BusStats => ({
  sentPerSecond: 41 + Math.random() * 6,
  deliveredPerSecond: 40 + Math.random() * 6,
  latencyMs: { p50: 2.4, p99: 11.8 + Math.random() },
  queued: 912,
  unacknowledged: 37,
  deadLetters: dead,
  refusedLastHour: 2,
  storedBytes: 214_000_000,
  queues: [
    { party: partyAt(6), queued: 1000, capacity: 1000 },
    { party: partyAt(3), queued: 742, capacity: 1000 },
    { party: partyAt(5), queued: 31, capacity: 1000 },
    { party: partyAt(8), queued: 4, capacity: 1000 },
  ],
  topics: TOPICS.map((name, index) => ({
    name,
    subscribers: index === 3 ? 0 : 2 + index,
    messages: 4210 * (index + 1),
  })),
  cryptoThreads: 2,
})

interface Ports {
  readonly empty: boolean
  readonly refuse: (error: WireError) => never
  readonly changed: (topic: 'messages.changed' | 'deadLetters.changed') => void
}

/** The calls of the bus on messages that are made up as they are asked for. */
export const createFakeMessages = ({ empty, refuse, changed }: Ports): Calls => {
  let dead = empty ? [] : makeDead()
  const identities: Identity[] = PARTIES.map((party, index) => ({
    party,
    fingerprint: fakeHash(index + 40).slice(0, 43),
    keyVersion: index === 4 ? 3 : 1,
    createdAtMs: NOW - 9000 * MINUTE,
    rotatedAtMs: index === 4 ? NOW - 300 * MINUTE : null,
  }))
  return {
    'messages.list': ({ filter, before, limit }) => {
      const items: MessageHeader[] = []
      let at = empty ? 0 : before === undefined ? TOTAL : Number(before)
      let scanned = 0
      for (; at > 0 && scanned < BUDGET && items.length < limit; at -= 1, scanned += 1) {
        const header = message(at)
        if (fits(header, filter)) items.push(header)
      }
      return { items, next: at === 0 ? null : String(at), complete: at === 0 || items.length === limit, scanned }
    },
    'messages.get': ({ id }) => detailOf(message(numberOf(id))),
    'messages.conversation': ({ correlationId }) =>
      Array.from({ length: 6 }, (_, index) => message(numberOf(correlationId) * 6 + index)),
    'messages.reveal': ({ id }) =>
      numberOf(id) % 4 === 3
        ? { text: 'A plain text with a hidden \u202E turn and a tag \u{E0041} in it.', json: false }
        : {
            text: JSON.stringify({
              order: 4711,
              customer: 'Ada',
              lines: [{ sku: 'A-1', count: 3 }],
              note: 'pay 5 \u202E00',
            }),
            json: true,
          },
    'messages.send': () => {
      changed('messages.changed')
      return { groupId: fakeId(21, 999_999), copies: 1 }
    },
    'messages.stats': () =>
      empty
        ? {
            ...stats(0),
            sentPerSecond: 0,
            deliveredPerSecond: 0,
            latencyMs: { p50: 0, p99: 0 },
            queued: 0,
            unacknowledged: 0,
            refusedLastHour: 0,
            storedBytes: 0,
            queues: [],
            topics: [],
          }
        : stats(dead.length),
    'messages.identities': () => (empty ? identities.slice(0, 2) : identities),
    'messages.rotateKeys': ({ partyId }) => {
      const index = identities.findIndex(({ party }) => party.id === partyId)
      const found = identities[index] ?? refuse(wire('COMM_007', 'There is no such identity.', 'Refresh the list.'))
      const next = {
        ...found,
        keyVersion: found.keyVersion + 1,
        rotatedAtMs: Date.now(),
        fingerprint: fakeHash(Date.now()).slice(0, 43),
      }
      identities[index] = next
      changed('messages.changed')
      return next
    },
    'deadLetters.list': ({ reasons, agentId }) => {
      const items = dead.filter(
        ({ header, reason }) =>
          (reasons?.includes(reason) ?? true) && fits(header, agentId === undefined ? {} : { agentId }),
      )
      return { items, next: null, total: items.length }
    },
    'deadLetters.replay': ({ ids }) => {
      dead = dead.filter(({ header }) => !ids.includes(header.id))
      changed('deadLetters.changed')
      return { replayed: ids.length }
    },
    'deadLetters.purge': ({ ids }) => {
      dead = dead.filter(({ header }) => !ids.includes(header.id))
      changed('deadLetters.changed')
      return { purged: ids.length }
    },
  }
}

/** A few new messages in a while, each changing its state afterwards. */
export const openFakeFollow = (
  filter: CallInput<'messages.list'>['filter'],
  send: (message: StreamMessage<unknown>, acknowledge: () => void) => void,
): (() => void) => {
  let n = TOTAL
  let batch = 0
  const timer = setInterval(() => {
    n += 1
    batch += 1
    const sentAtMs = Date.now()
    const made = { ...message(n), state: 'queued' as const, sentAtMs, deliveredAtMs: null, acknowledgedAtMs: null }
    const known = {
      ...message(n - 2),
      sentAtMs: sentAtMs - 1800,
      state: 'acknowledged' as const,
      deliveredAtMs: sentAtMs - 1790,
      acknowledgedAtMs: sentAtMs - 1780,
    }
    const items = [made, known].filter((header) => fits(header, filter))
    if (items.length > 0) send({ kind: 'items', items, seq: batch }, () => undefined)
  }, 900)
  return () => clearInterval(timer)
}
