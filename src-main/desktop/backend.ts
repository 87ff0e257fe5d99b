import { createIds, type Events, type Log, systemClock } from '../engine/core'
import { createHandlers, createStreamHandlers } from '../handlers'
import { createDispatcher, type Dispatcher } from '../handlers/dispatch'
import { createHost, type HostOptions } from '../handlers/host'

/** The engine and what answers for it, as the desktop sees them. */
export interface Backend {
  readonly dispatcher: Dispatcher
  readonly events: Events
  readonly log: Log
  /** Resolves when the engine runs or could not start; requests tell which. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Loaded after the page was asked for: this module pulls in everything that is heavy. */
export const createBackend = (
  options: Omit<HostOptions, 'clock' | 'transport'> & { checkOutput: boolean },
): Backend => {
  const { checkOutput, ...hostOptions } = options
  const host = createHost({ ...hostOptions, clock: systemClock, transport: 'desktop' })
  const dispatcher = createDispatcher({
    handlers: createHandlers(host),
    streams: createStreamHandlers(host),
    newId: createIds(systemClock),
    log: host.log,
    checkOutput,
  })
  return { dispatcher, events: host.events, log: host.log, start: host.start, close: host.close }
}
