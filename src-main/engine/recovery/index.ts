/** Recovery: one classifier, one strategy per type of failure, one set of circuit breakers, one history. */
export { type BreakersPorts, createBreakers } from './breakers'
export { isFault } from './classify'
export { guardBackend } from './guard-backend'
export { createRecovery, type RecoveryPorts, type RecoveryRules } from './recovery'
export type { BreakerId, Breakers, Failure, Recovery, RecoveryDecision } from './types'
