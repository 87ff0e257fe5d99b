import type { CorrelationId } from '@contract'
import { type Clock, engineCaller, type Log, messageOf, type NewId, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Store } from '../store'
import type { Identities, Member } from './identities'
import type { Journal } from './journal'
import type { BusAsking } from './types'

/** Keys are renewed, and what was kept long enough goes. */
export interface Upkeep {
  rotate(
    asking: Pick<BusAsking, 'caller' | 'correlationId'>,
    order: {
      readonly partyId: string
      readonly member: Member | null
      readonly name: string
      readonly reason: string
    },
  ): Promise<void>
  /** Look now. */
  run(): Promise<void>
  close(): void
}

const FIRST_MS = 60_000
const EVERY_MS = 600_000

export const createUpkeep = (ports: {
  readonly config: { readonly keyRotationMs: number; readonly messageRetentionMs: number }
  readonly gate: Gate
  readonly store: Store
  readonly journal: Journal
  readonly identities: Identities
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
}): Upkeep => {
  const { config, gate, store, journal, identities, clock, log } = ports
  let closed = false

  const rotate: Upkeep['rotate'] = async ({ caller, correlationId }, { partyId, member, name, reason }) => {
    let next: { keep: Awaited<ReturnType<Identities['renew']>>['keep'] } | null = null
    await gate.perform(
      {
        caller,
        correlationId,
        action: 'bus.rotate_keys',
        resource: `agent/${name}`,
        arguments: { partyId, reason },
        details: { party: partyId, reason, ...(member === null ? {} : { version: member.current.version + 1 }) },
      },
      async () => {
        if (member === null) throw new RuntimeError('COMM_007', 'Nobody with this id has an identity.')
        next = await identities.renew(member)
      },
      (tx) => next?.keep(tx),
    )
  }

  const renewOld = async (): Promise<void> => {
    const oldestMs = clock.nowMs() - config.keyRotationMs
    for (const member of identities.list()) {
      if (closed || member.current.createdAtMs > oldestMs) continue
      const asking = { caller: engineCaller('bus'), correlationId: ports.newId<CorrelationId>() }
      const order = { partyId: member.id, member, name: member.id, reason: 'the keys are old enough to be renewed' }
      await rotate(asking, order)
    }
  }

  const prune = async (): Promise<void> => {
    const beforeMs = clock.nowMs() - config.messageRetentionMs
    for (;;) {
      const gone = closed ? 0 : await store.write((tx) => journal.prune(tx, beforeMs))
      if (gone === 0) break
    }
    if (closed) return
    await store.write((tx) => identities.forgetBefore(tx, journal.oldestAtMs() ?? clock.nowMs()))
  }

  const run = async (): Promise<void> => {
    await prune()
    await renewOld()
  }

  let cancel: () => void
  const again = (): void => {
    if (closed) return
    run()
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'upkeep of the messages failed'))
      .finally(() => {
        if (!closed) cancel = clock.after(EVERY_MS, again)
      })
  }
  cancel = clock.after(FIRST_MS, again)

  return {
    rotate,
    run,
    close() {
      closed = true
      cancel()
    },
  }
}
