/** The message bus: sealed and signed messages between agents, kept until they are read. */
export { openBus } from './bus'
export type { Bus, BusAsking, BusConfig, Received } from './types'
