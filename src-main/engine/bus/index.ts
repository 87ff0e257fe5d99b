/** The message bus: sealed and signed messages between agents, kept until they are read. */
export { type Bus, type BusConfig, openBus } from './bus'
export type { BusAsking, Received } from './types'
