/** The one gate that every action passes. */
export type { ActionName } from './actions'
export { LEVEL_OF_TIER } from './as-asked'
export type { Gate } from './gate'
export { type OpenGatePorts, openGate } from './open-gate'
export type { GateRequest } from './request'
