import type { BusStats, Party } from '@contract'
import type { CryptoPool } from './crypto-pool'
import type { DeadLetters } from './dead-letters'
import type { Identities, Member } from './identities'
import type { Journal } from './journal'
import type { Mailboxes } from './mailboxes'
import type { Meter } from './meter'
import type { Posting } from './posting'
import type { Subscriptions } from './subscriptions'

const MAX_QUEUES = 100

/** How the bus does, in figures. */
export const createStats =
  (ports: {
    readonly meter: Meter
    readonly mailboxes: Pick<Mailboxes, 'sizes'>
    readonly subscriptions: Pick<Subscriptions, 'topics'>
    readonly identities: Pick<Identities, 'member'>
    readonly journal: Pick<Journal, 'storedBytes'>
    readonly deaths: Pick<DeadLetters, 'count'>
    readonly posting: Pick<Posting, 'published'>
    readonly pool: Pick<CryptoPool, 'threads'>
    readonly config: { readonly maxQueueSize: number }
    readonly partyOf: (member: Member) => Party
  }) =>
  (): BusStats => {
    const { meter, mailboxes, subscriptions, identities, journal, deaths, posting, pool, config, partyOf } = ports
    const sizes = mailboxes.sizes()
    return {
      ...meter.read(),
      queued: sizes.reduce((sum, { queued }) => sum + queued, 0),
      unacknowledged: sizes.reduce((sum, { held }) => sum + held, 0),
      deadLetters: deaths.count,
      storedBytes: journal.storedBytes,
      queues: sizes
        .map(({ recipient, queued, held }) => ({ member: identities.member(recipient), queued: queued + held }))
        .filter(({ queued }) => queued > 0)
        .sort((a, b) => b.queued - a.queued)
        .slice(0, MAX_QUEUES)
        .flatMap(({ member, queued }) =>
          member === null ? [] : [{ party: partyOf(member), queued, capacity: config.maxQueueSize }],
        ),
      topics: subscriptions
        .topics()
        .map(({ name, subscribers }) => ({ name, subscribers, messages: posting.published(name) })),
      cryptoThreads: pool.threads,
    }
  }
