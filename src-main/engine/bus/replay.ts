import type { AgentId, ExecutionId } from '@contract'
import { type Clock, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { DeadLetters, Letter } from './dead-letters'
import type { Directory } from './directory'
import type { Identities } from './identities'
import type { Journal } from './journal'
import type { Mailboxes } from './mailboxes'
import type { Outbox } from './outbox'
import type { BusAsking } from './types'
import type { Unseal } from './unseal'

/** The sender is asked for although none of its runs asks. */
const NO_RUN = '00000000-0000-0000-0000-000000000000' as ExecutionId

/**
 * Send dead letters again: the same content from the same sender to the same receiver, sealed and signed anew, since its
 * time to live is part of what was signed. The policy is asked twice: whether the person may, and whether the sender still
 * may.
 */
export const createReplay =
  (ports: {
    readonly gate: Gate
    readonly clock: Clock
    readonly identities: Identities
    readonly directory: Directory
    readonly mailboxes: Mailboxes
    readonly outbox: Outbox
    readonly journal: Journal
    readonly deaths: DeadLetters
    readonly unseal: Unseal
    readonly config: { readonly messageTtlMs: number }
  }) =>
  async (asking: BusAsking, ids: readonly string[]): Promise<number> => {
    const { gate, clock, identities, directory, mailboxes, outbox, journal, deaths } = ports

    const mayStillSend = async ({ header }: Letter, resource: string): Promise<void> => {
      const sender = directory.agent(header.senderId)
      if (sender === null) return
      await gate.perform(
        {
          caller: {
            kind: 'agent',
            id: sender.id as AgentId,
            name: sender.name,
            executionId: NO_RUN,
            correlationId: asking.correlationId,
          },
          correlationId: asking.correlationId,
          action: 'bus.send',
          resource: header.topic === null ? resource : `topic/${header.topic}`,
          facts: { capabilities: ['messages'] },
          record: 'refusals',
          details: { replayOf: header.id },
        },
        async () => undefined,
      )
    }

    const sendAgain = async (letter: Letter): Promise<void> => {
      const { row, header } = letter
      const parcel = journal.parcel(row.parcel)
      const head = parcel?.heads[row.place]
      if (parcel === null || head === undefined) throw new RuntimeError('COMM_007', 'The message is no longer kept.')
      const agent = directory.agent(header.recipientId)
      if (agent === null || agent.state === 'Terminated' || agent.state === 'Terminating')
        throw new RuntimeError('COMM_001', 'The receiver is retired and reads nothing any more.')
      const payload = await ports.unseal({ parcel, index: row.place, head, header })
      const known = identities.member(header.senderId)
      if (known === null) throw new RuntimeError('COMM_003', 'The sender has no identity any more.')
      const sender = await identities.ready(known)
      const recipient = await identities.ready({ id: header.recipientId, kind: 'agent' })
      await mailboxes.reserve(recipient, { ms: 0, signal: asking.signal })
      await new Promise<void>((resolve, reject) => {
        outbox.push(
          {
            sender,
            recipient,
            type: header.type,
            guarantee: header.guarantee,
            topic: header.topic,
            groupId: header.groupId,
            correlationId: header.correlationId as BusAsking['correlationId'],
            replyTo: header.replyTo,
            sentAtMs: clock.nowMs(),
            ttlMs: Math.max(header.ttlMs, ports.config.messageTtlMs),
            payload,
            ends: null,
            replays: row.replays + 1,
            alongside: (tx) => void deaths.remove(tx, row.id),
          },
          () => resolve(),
          (error) => {
            mailboxes.unreserve(recipient)
            reject(error)
          },
        )
      })
    }

    const one = async (id: string): Promise<void> => {
      const letter = deaths.letter(id)
      const to = letter?.header.recipientId ?? id
      const resource = `agent/${directory.agent(to)?.name ?? to}`
      await gate.perform(
        {
          caller: asking.caller,
          correlationId: asking.correlationId,
          action: 'deadletter.replay',
          resource,
          arguments: { id },
          details: { message: id, ...(letter === null ? {} : { reason: letter.row.reason }) },
        },
        async () => {
          if (letter === null)
            throw new RuntimeError('COMM_007', 'There is no dead letter with this id.', { details: { id } })
          await mayStillSend(letter, resource)
          await sendAgain(letter)
        },
      )
    }

    let replayed = 0
    let failure: unknown = null
    for (const id of ids)
      await one(id).then(
        () => {
          replayed += 1
        },
        (error: unknown) => {
          failure ??= error
        },
      )
    // What did not go stays where it was, with its record; who asked for one alone is told why.
    if (replayed === 0 && failure !== null) throw failure
    return replayed
  }
