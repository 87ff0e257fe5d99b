/** The one gate that every action passes. */
export { createGate, type Gate, type GateRequest } from './gate'
