/** Acts that wait for a person: the queue, the digests, the standing grants, the advice. Lies below the gate. */
export { type AdvicePorts, adviceFrom } from './advice'
export { digestOf } from './digest'
export { createGrants, type Grants } from './grants'
export { masked } from './masked'
export { type ApprovalQueue, createApprovalQueue, type QueuePorts } from './queue'
export { toDetail, toSummary } from './rows'
export type { Act, Decider, Decision, HoldRequest, StandingGrant, Verdict, WaitHooks } from './types'
