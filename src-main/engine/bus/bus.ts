import type { AgentId, Party } from '@contract'
import { createIds, RuntimeError } from '../core'
import { createBrowse } from './browse'
import { busTools } from './built-ins'
import { createCryptoPool } from './crypto-pool'
import { createDeadLetters, type Death, inBackground } from './dead-letters'
import { createDelivery, type Delivery } from './delivery'
import { createDirectory } from './directory'
import { createIdentities, keysToOpen, type Member, toIdentity } from './identities'
import { createJournal } from './journal'
import { createMailboxes, type Entry } from './mailboxes'
import { createMeter } from './meter'
import { createOutbox } from './outbox'
import { createPosting } from './posting'
import { createRefuse } from './refusals'
import { createReplay } from './replay'
import { createRequests } from './requests'
import { restore } from './restore'
import { createReveal } from './reveal'
import { createStats } from './stats'
import { createSubscriptions } from './subscriptions'
import { createThrottle } from './throttle'
import type { Bus, BusAsking, BusConfig, BusPorts, Received } from './types'
import { createUnseal } from './unseal'
import { createUpkeep } from './upkeep'
import { createWindows } from './windows'

const NAMES: Readonly<Record<'console' | 'engine', string>> = { console: 'Console', engine: 'Engine' }
const ANNOUNCE_MS = 250
const GONE: Death = {
  reason: 'recipient-gone',
  code: 'COMM_001',
  detail: 'Its receiver was retired before it read it.',
}
/** Who holds the answer to a request until it is opened. */
const ANSWER = 'request'

/**
 * Open the bus: put everything that is not settled back into its queue.
 *
 * @throws CONFIG_001 when encryption was switched off: there is no bus without it
 */
export const openBus = (config: BusConfig, ports: BusPorts): Bus => {
  if (!config.enableEncryption)
    throw new RuntimeError(
      'CONFIG_001',
      'communication.enable_encryption is false, and messages are never sent open.',
      {
        nextStep: 'Remove the key or set it to true, then start again.',
      },
    )
  const { gate, store, clock, events, log } = ports
  const journal = createJournal(store)
  const identities = createIdentities({ store, keyStore: ports.keyStore, clock })
  const directory = createDirectory({ store, events })
  const pool = (ports.openPool ?? createCryptoPool)({
    threads: config.cryptoThreads,
    keysOf: (messages) => keysToOpen(identities, messages),
  })
  const windows = createWindows(store)
  journal.onSave((tx) => windows.saveWithin(tx))
  const subscriptions = createSubscriptions(store)
  const requests = createRequests(clock)
  const meter = createMeter(clock)
  const arrivals = new Set<(agentId: AgentId) => void>()
  // Ids grow over restarts too, and when the clock is set back: they are the order of the journal.
  const messageIds = createIds({ ...clock, nowMs: () => Math.max(clock.nowMs(), journal.newestIdMs + 1) }, ports.random)

  const changed = createThrottle(clock, ANNOUNCE_MS, () => events.publish('messages.changed', {}))
  const deathsChanged = createThrottle(clock, ANNOUNCE_MS, () => events.publish('deadLetters.changed', {}))

  const partyOf = ({ id, kind }: Pick<Member, 'id' | 'kind'>): Party => ({
    id,
    kind,
    name: kind === 'agent' ? (directory.agent(id)?.name ?? id) : NAMES[kind],
  })
  const isRetired = ({ id, kind }: Member): boolean => kind === 'agent' && directory.agent(id)?.state === 'Terminated'
  const resourceOf = (id: string): string => `agent/${directory.agent(id)?.name ?? id}`

  const deaths = createDeadLetters({
    gate,
    store,
    journal,
    delivery: () => delivery,
    events,
    newId: ports.newId,
    nowMs: () => clock.nowMs(),
    log,
    limit: config.deadLetterLimit,
    nameOf: resourceOf,
    onBuried(entries) {
      browse.changed(entries)
      changed.poke()
      deathsChanged.poke()
    },
  })
  const bury = (entries: readonly Entry[], death: Death): void =>
    inBackground(log, 'dead letters could not be kept', deaths.bury(entries, death))

  const refuse = createRefuse({ gate, deaths, meter, resourceOf })
  const mailboxes = createMailboxes({
    clock,
    capacity: config.maxQueueSize,
    onExpired: (entries) =>
      bury(entries, { reason: 'expired', code: 'COMM_008', detail: 'Its time to live was over before it was read.' }),
    onRetry(entries) {
      const lost = delivery.retry(entries)
      bury(lost, {
        reason: 'not-acknowledged',
        code: 'COMM_001',
        detail: `It was handed over ${config.retryAttempts + 1} times and never acknowledged.`,
      })
      inBackground(log, 'the state of messages could not be kept', journal.save())
    },
  })

  const delivery: Delivery = createDelivery({
    store,
    journal,
    identities,
    mailboxes,
    windows,
    pool,
    clock,
    meter,
    ackTimeoutMs: config.ackTimeoutMs,
    retryAttempts: config.retryAttempts,
    partyOf,
    onRejected: (rejection) => inBackground(log, 'a refused message could not be recorded', refuse(rejection)),
    onChanged(entries) {
      browse.changed(entries)
      changed.poke()
    },
  })

  const browse = createBrowse({
    journal,
    identities,
    pool,
    clock,
    partyOf,
    death: (id) =>
      store.get<{ reason: string; atMs: number }>('SELECT reason, died_at AS atMs FROM dead_letters WHERE id = :id', {
        id,
      }) ?? null,
  })

  /** The answer that somebody waits for goes to them, and not into a queue. */
  const answerTo = async (entry: Entry): Promise<void> => {
    const received = await delivery.openOne(entry).catch((error: unknown) => {
      mailboxes.putBack(entry)
      throw error
    })
    if (received === null || entry.replyTo === null) return
    delivery.withdraw(entry)
    delivery.finish(entry, 'acknowledged')
    requests.answer(entry.replyTo, received)
    await journal.save()
    browse.changed([entry])
  }

  const outbox = createOutbox({
    store,
    journal,
    identities,
    pool,
    clock,
    newId: messageIds,
    signing: ports.signing ?? 'auto',
    onPut(entries) {
      meter.sent(entries.length)
      for (const entry of entries) {
        windows.enter(entry.sender, entry.recipient, entry.sequence)
        if (requests.awaits(entry)) {
          mailboxes.arriveHeld(entry, ANSWER)
          inBackground(log, 'an answer could not be handed over', answerTo(entry))
          continue
        }
        mailboxes.arrive(entry)
        // It was sealed while its receiver ended.
        if (isRetired(entry.recipient)) bury([entry], GONE)
        if (arrivals.size > 0 && entry.recipient.kind === 'agent')
          for (const listener of arrivals) listener(entry.recipient.id as AgentId)
      }
      browse.changed(entries)
      changed.poke()
    },
  })

  const posting = createPosting({
    gate,
    clock,
    newId: ports.newId,
    identities,
    directory,
    mailboxes,
    outbox,
    requests,
    subscriptions,
    journal,
    deaths,
    meter,
    config,
  })

  /** Its receiver is retired: nobody will read it. */
  const buryFor = (member: Member | null): void => {
    if (member !== null) bury(mailboxes.all(member), GONE)
  }
  const stopRetired = directory.onRetired((id) => {
    buryFor(identities.member(id))
    if (subscriptions.of(id).length > 0)
      inBackground(
        log,
        'subscriptions of a retired agent could not be removed',
        store.write((tx) => subscriptions.removeAll(tx, id)),
      )
  })
  const upkeep = createUpkeep({ config, gate, store, journal, identities, clock, newId: ports.newId, log })

  const readerOf = (asking: BusAsking): Promise<Member> => {
    const { caller } = asking
    if (caller.kind !== 'agent') throw new RuntimeError('SEC_001', 'Only an agent receives messages.')
    return identities.ready({ id: caller.id, kind: 'agent' })
  }
  const receiving = (asking: BusAsking) => {
    const { holds, ...request } = asking
    return {
      ...request,
      action: 'bus.receive' as const,
      resource: 'self',
      record: 'refusals' as const,
      precondition: () => holds?.('self'),
    }
  }

  const unseal = createUnseal({ identities, journal, pool })
  const replay = createReplay({
    gate,
    clock,
    identities,
    directory,
    mailboxes,
    outbox,
    journal,
    deaths,
    unseal,
    config,
  })
  const reveal = createReveal({ gate, journal, unseal, resourceOf })
  for (const rejection of restore({ journal, identities, mailboxes, windows }))
    inBackground(log, 'a refused message could not be recorded', refuse(rejection))
  for (const member of identities.list()) if (isRetired(member)) buryFor(member)

  const bus: Bus = {
    ...posting,
    toolsFor: (participant) => busTools(bus, participant),
    list: browse.list,
    conversation: browse.conversation,
    get: (id) => browse.get(id),
    follow: (filter) => browse.follow(filter),

    async receive(asking, options) {
      let received: Received[] = []
      // What comes of it is kept out of the gate's hands: no record may hold a payload.
      await gate.perform(receiving(asking), async () => {
        const member = await readerOf(asking)
        const holder = asking.caller.kind === 'agent' ? asking.caller.executionId : ''
        received = await delivery.receive(member, holder, { ...options, signal: asking.signal })
      })
      return received
    },
    acknowledge: (asking, ids) =>
      gate.perform(receiving(asking), async () => delivery.acknowledge(await readerOf(asking), ids)),
    release(agentId, executionId) {
      const member = identities.member(agentId)
      if (member !== null) delivery.release(member, executionId)
    },
    onArrival(listener) {
      arrivals.add(listener)
      return () => {
        arrivals.delete(listener)
      }
    },

    reveal,
    stats: createStats({
      meter,
      mailboxes,
      subscriptions,
      identities,
      journal,
      deaths,
      posting,
      pool,
      config,
      partyOf,
    }),
    identities: () => identities.list().map((member) => toIdentity(member, partyOf(member))),
    async rotateKeys(asking, partyId, reason) {
      const member = identities.member(partyId)
      await upkeep.rotate(asking, { partyId, member, name: member === null ? partyId : partyOf(member).name, reason })
      if (member === null) throw new RuntimeError('COMM_007', 'Nobody with this id has an identity.')
      changed.poke()
      return toIdentity(member, partyOf(member))
    },
    deadLetters: (query) => deaths.list(query, ({ parcel, place }) => browse.at(parcel, place)),
    async replay(asking, ids) {
      const replayed = await replay(asking, ids)
      deathsChanged.poke()
      return replayed
    },
    async purge(asking, ids, reason) {
      const purged = await deaths.purge(asking, ids, reason)
      deathsChanged.poke()
      return purged
    },

    async close() {
      stopRetired()
      directory.close()
      upkeep.close()
      requests.close()
      posting.close()
      mailboxes.close()
      await outbox.drained()
      await journal.save()
      await pool.close()
      changed.close()
      deathsChanged.close()
      identities.close()
    },
  }
  return bus
}
