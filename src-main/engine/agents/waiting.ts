import type { AgentId, CorrelationId } from '@contract'
import type { WaitHooks } from '../approvals'
import type { Tx } from '../store'
import { type Agents, rowOf } from './agents'

/** Keeps an agent in the state Waiting as long as calls of its run wait for a person. */
export interface Waiting {
  readonly hooks: WaitHooks
  /** The agent is Running from this transaction on: Waiting at once, when calls of it wait. */
  resume(tx: Tx): void
  /** The run is over: from here on it goes to its end from where it stands. */
  end(): void
}

export const createWaiting = (ports: { agents: Agents; agentId: AgentId; correlationId: CorrelationId }): Waiting => {
  const { agents, agentId: id, correlationId } = ports
  let waiting = 0
  let over = false

  const wait = (tx: Tx): void =>
    agents.move(tx, { id, to: 'Waiting', reason: 'waits for a person to approve', correlationId })
  const count = (tx: Tx, now: number): void =>
    tx.onCommit(() => {
      waiting = now
    })

  return {
    hooks: {
      onHeld(tx, now) {
        if (rowOf(tx, id).state === 'Running') wait(tx)
        count(tx, now)
      },
      onReleased(tx, now) {
        if (now === 0 && !over && rowOf(tx, id).state === 'Waiting')
          agents.move(tx, { id, to: 'Running', reason: 'nothing waits for a person any more', correlationId })
        count(tx, now)
      },
    },
    resume(tx) {
      if (waiting > 0) wait(tx)
    },
    end() {
      over = true
    },
  }
}
