import type { Handlers, Host } from './types'

type ScheduleChannels = Extract<keyof Handlers, `schedules.${string}`>

/** Runs by the calendar. */
export const scheduleHandlers = (host: Host): Pick<Handlers, ScheduleChannels> => ({
  'schedules.list': async (query) => host.engine().schedules.list(query),
  'schedules.get': async ({ id }) => host.engine().schedules.get(id),
  'schedules.preview': (query) => host.engine().schedules.preview(query),
  'schedules.month': async (query) => host.engine().schedules.month(query),
  'schedules.zones': async () => host.engine().schedules.zones(),
  'schedules.history': async (query) => host.engine().schedules.history(query),
  'schedules.create': ({ definition }, asking) => host.engine().schedules.create(asking, definition),
  'schedules.edit': (change, asking) => host.engine().schedules.edit(asking, change),
  'schedules.pause': ({ id, reason }, asking) =>
    host.engine().schedules.pause(asking, id, reason ?? 'Paused by a person.'),
  'schedules.resume': ({ id, reason }, asking) =>
    host.engine().schedules.resume(asking, id, reason ?? 'Resumed by a person.'),
  'schedules.remove': async ({ id, reason }, asking) => {
    await host.engine().schedules.remove(asking, id, reason ?? 'Removed by a person.')
    return {}
  },
  'schedules.trigger': ({ id, reason }, asking) =>
    host.engine().schedules.trigger(asking, id, reason ?? 'Run by a person.'),
})
