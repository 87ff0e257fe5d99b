import type { Handlers, Host } from './types'

type SchedulerChannels = Extract<keyof Handlers, `scheduler.${string}` | `backends.${string}`>

/** The queue of runs, and where they are run. */
export const schedulerHandlers = (host: Host): Pick<Handlers, SchedulerChannels> => ({
  'scheduler.status': async () => host.engine().scheduler.status(),
  'scheduler.queue': async (page) => host.engine().scheduler.queue(page),
  'scheduler.prioritise': ({ executionId, priority }, asking) =>
    host.engine().scheduler.prioritise(asking, executionId, priority),
  'backends.add': ({ backend }, asking) => host.engine().backends.add(asking, backend),
  'backends.check': ({ id }, asking) => host.engine().backends.check(asking, id),
  'backends.remove': async ({ id, reason }, asking) => {
    await host.engine().backends.remove(asking, id, reason)
    return {}
  },
})
