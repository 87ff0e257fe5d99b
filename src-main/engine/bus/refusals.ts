import { engineCaller, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { DeadLetters } from './dead-letters'
import type { Rejection } from './delivery'
import type { Meter } from './meter'

/** Refuse a message at its receiver: recorded as a denial, then kept as a dead letter. */
export const createRefuse =
  (ports: {
    readonly gate: Gate
    readonly deaths: Pick<DeadLetters, 'bury'>
    readonly meter: Meter
    readonly resourceOf: (id: string) => string
  }) =>
  async ({ entry, code, detail }: Rejection): Promise<void> => {
    const { gate, deaths, meter, resourceOf } = ports
    meter.refused()
    const expired = code === 'COMM_008'
    const message = expired ? 'The message expired before it was read.' : `The message was refused: ${detail}.`
    const refusal = new RuntimeError(code, message)
    const burial = deaths.bury([entry], {
      reason: expired ? 'expired' : 'does-not-verify',
      code,
      detail: `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`,
    })
    await gate
      .commit(
        {
          caller: engineCaller('bus'),
          accountOf: 'fact',
          correlationId: entry.correlationId,
          action: 'bus.refuse',
          resource: resourceOf(entry.recipient.id),
          details: {
            message: entry.id,
            sender: entry.sender.id,
            keyVersion: entry.senderKeyVersion,
            sequence: entry.sequence,
          },
          precondition: () => {
            throw refusal
          },
        },
        () => undefined,
      )
      .catch((error: unknown) => {
        if (error !== refusal) throw error
      })
    await burial
  }
