import type { Handlers, Host } from './types'

type SystemChannels = Extract<
  keyof Handlers,
  `system.${string}` | `doctor.${string}` | `tasks.${string}` | `settings.${string}`
>

/** The console itself. What does not touch the engine answers before the engine is there. */
export const systemHandlers = (host: Host): Pick<Handlers, SystemChannels> => ({
  'system.info': async () => host.info(),
  'system.overview': () => host.engine().overview(),
  'doctor.run': () => host.doctor(),
  'tasks.list': async () => host.engine().tasks.list(),
  'tasks.cancel': async ({ id }) => {
    host.engine().tasks.cancel(id)
    return {}
  },
  'settings.get': async () => host.settings.get(),
  'settings.set': async ({ theme }) => {
    await host.settings.set(theme)
    return host.settings.get()
  },
})
