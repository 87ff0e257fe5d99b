import { RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Journal } from './journal'
import type { BusAsking } from './types'
import type { Unseal } from './unseal'

const asJson = (text: string): string | null => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return null
  }
}

/** Open one message for a person. Decided and recorded with the reason; what is in it goes to nobody else. */
export const createReveal =
  (ports: {
    readonly gate: Gate
    readonly journal: Journal
    readonly unseal: Unseal
    readonly resourceOf: (id: string) => string
  }) =>
  async (asking: BusAsking, id: string, reason: string): Promise<{ text: string; json: boolean }> => {
    const place = ports.journal.find(id)
    let text = ''
    await ports.gate.perform(
      {
        caller: asking.caller,
        correlationId: asking.correlationId,
        action: 'message.reveal',
        resource: place === null ? `agent/${id}` : ports.resourceOf(place.header.recipientId),
        arguments: { id, reason },
        details: {
          reason,
          message: id,
          ...(place === null ? {} : { sender: place.header.senderId, recipient: place.header.recipientId }),
        },
        precondition: () => {
          if (asking.caller.kind === 'agent') throw new RuntimeError('SEC_001', 'Only a person looks into a message.')
        },
      },
      async () => {
        if (place === null) throw new RuntimeError('COMM_007', 'There is no message with this id.', { details: { id } })
        // Not the result of the act: a rule that records results in full must not record this.
        text = (await ports.unseal(place)).toString('utf8')
      },
    )
    const json = asJson(text)
    return { text: json ?? text, json: json !== null }
  }
