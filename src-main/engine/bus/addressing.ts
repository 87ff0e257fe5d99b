import type { CorrelationId } from '@contract'
import { RuntimeError } from '../core'
import type { Directory, KnownAgent } from './directory'
import type { Identities } from './identities'
import type { Journal } from './journal'
import type { Mailboxes } from './mailboxes'
import type { BusAsking } from './types'

/** Who is meant by a name, an id or a request. */
export const createAddressing = (ports: {
  readonly directory: Directory
  readonly identities: Pick<Identities, 'member'>
  readonly mailboxes: Pick<Mailboxes, 'held'>
  readonly journal: Pick<Journal, 'find'>
}) => {
  const { directory, identities, mailboxes, journal } = ports

  /** @throws COMM_001 unless exactly one agent is meant, and it can get messages */
  const receiverOf = (to: string): KnownAgent => {
    const byId = directory.agent(to)
    const [first, second] = byId === null ? directory.named(to) : [byId]
    if (first === undefined) throw new RuntimeError('COMM_001', 'There is no agent with this name or id.')
    if (second !== undefined)
      throw new RuntimeError('COMM_001', 'Several agents have this name.', { nextStep: 'Name the receiver by its id.' })
    if (first.state === 'Terminated' || first.state === 'Terminating')
      throw new RuntimeError('COMM_001', `The agent is ${first.state} and reads nothing any more.`)
    if (!first.takesPart)
      throw new RuntimeError('COMM_001', 'The definition of the receiver does not grant "messages".', {
        nextStep: 'Edit the receiving agent and grant the capability, if it should get messages.',
      })
    return first
  }
  const nameOf = (to: string): string => directory.agent(to)?.name ?? to

  /** A request that was sent to the asker, wherever it lies now; null when there is none. */
  const requestTo = (asking: BusAsking, id: string): { senderId: string; correlationId: CorrelationId } | null => {
    const member = identities.member(asking.caller.id)
    const held = member === null ? null : mailboxes.held(member, id)
    if (held !== null && held.type === 'request') return { senderId: held.sender.id, correlationId: held.correlationId }
    const header = journal.find(id)?.header
    return header?.type === 'request' && header.recipientId === asking.caller.id
      ? { senderId: header.senderId, correlationId: header.correlationId as CorrelationId }
      : null
  }

  return { receiverOf, nameOf, requestTo }
}
