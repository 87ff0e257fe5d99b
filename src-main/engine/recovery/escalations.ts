import type { AgentId, CorrelationId, ErrorCode, ErrorType } from '@contract'
import { type Clock, type Events, engineCaller, type Log, messageOf } from '../core'
import type { Gate } from '../gate'
import type { Store, Tx } from '../store'
import type { History } from './history'

export interface Escalation {
  readonly groupKey: string
  readonly agentId: AgentId | null
  readonly agentName: string | null
  readonly correlationId: CorrelationId
  readonly type: ErrorType
  readonly code: ErrorCode
  readonly message: string
  readonly attempt: number
  /** `repeated`: it failed again and again. The others: nothing more is done by itself. */
  readonly why: 'repeated' | 'given-up' | 'suspended' | 'terminated'
}

const WHAT = {
  repeated: 'fails again and again',
  'given-up': 'failed, and no attempt is left',
  suspended: 'was suspended until a person has looked at it',
  terminated: 'was ended for a violation of security',
} as const satisfies Record<Escalation['why'], string>

/** Brings a failure before a person: once for equal failures within the window, with its record in the audit trail. */
export interface Escalations {
  /** After the transaction, when it commits. */
  raise(tx: Tx, escalation: Escalation): void
}

export const createEscalations = (ports: {
  readonly gate: Pick<Gate, 'commit'>
  readonly store: Store
  readonly history: History
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  readonly windowMs: number
}): Escalations => {
  const { gate, store, history, clock, events, log, windowMs } = ports
  /** On their way to the database. */
  const raising = new Set<string>()

  const isTold = ({ groupKey, why }: Escalation): boolean =>
    raising.has(`${groupKey} ${why}`) || history.isEscalatedSince(store, { groupKey, why }, clock.nowMs() - windowMs)

  const tell = (escalation: Escalation): Promise<void> => {
    const { groupKey, agentId, agentName, correlationId, type, code, message, attempt, why } = escalation
    const title = `${agentName ?? 'The console'} ${WHAT[why]}`
    return gate.commit(
      {
        caller: engineCaller('recovery'),
        accountOf: 'fact',
        correlationId,
        action: 'recovery.escalate',
        resource: agentName ?? 'console',
        details: { agentId, why, type, code, message },
      },
      (tx) => {
        history.addEscalation(tx, { atMs: clock.nowMs(), groupKey, why, agentId, title, text: message })
        history.add(tx, clock.nowMs(), {
          ...{ agentId, agentName, correlationId, type, code, message, attempt, groupKey },
          executionId: null,
          step: 'escalate',
          reason: `It ${WHAT[why]}, so a person is told.`,
          delayMs: null,
        })
        tx.onCommit(() => {
          events.publish('recovery.escalated', { agentId, title, text: message })
          events.publish('recovery.changed', {})
        })
      },
    )
  }

  return {
    raise(tx, escalation) {
      tx.onCommit(() => {
        if (isTold(escalation)) return
        const key = `${escalation.groupKey} ${escalation.why}`
        raising.add(key)
        tell(escalation)
          .catch((error: unknown) =>
            log.error({ reason: messageOf(error) }, 'a failure could not be brought before a person'),
          )
          .finally(() => raising.delete(key))
      })
    },
  }
}
