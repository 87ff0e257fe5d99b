import { type ApprovalQueue, createApprovalQueue, createGrants, type Grants } from '../approvals'
import type { Audit } from '../audit'
import type { Clock, Events, Log, NewId, Redactor } from '../core'
import type { Policy } from '../policy'
import type { Store } from '../store'
import { createGate, type Gate } from './gate'

export interface OpenGatePorts {
  readonly policy: Pick<Policy, 'decide' | 'acquire'>
  readonly audit: Audit
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly newId: NewId
  readonly log: Log
  /** How long a person has to decide; five minutes unless told. */
  readonly approvalTimeoutMs?: number | undefined
}

const FIVE_MINUTES_MS = 300_000

/** The gate with the queue in which it holds what a person has to decide. */
export const openGate = (ports: OpenGatePorts): { gate: Gate; approvals: ApprovalQueue; grants: Grants } => {
  const grants = createGrants(ports)
  const approvals = createApprovalQueue({ ...ports, grants, timeoutMs: ports.approvalTimeoutMs ?? FIVE_MINUTES_MS })
  return { gate: createGate({ ...ports, approvals, grants }), approvals, grants }
}
