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
  'tasks.cancel': async ({ id }, asking) => {
    await host.engine().hostActs.cancelTask(asking, id)
    return {}
  },
  'settings.get': async () => host.settings.get(),
  'settings.set': async ({ theme }, asking) => {
    const set = (): Promise<void> => host.settings.set(theme)
    // Before there is an engine there is nothing that it could govern, and the window that says so can still be read.
    if (host.info().engine.state === 'ready') await host.engine().hostActs.changeSetting(asking, { theme }, set)
    else await set()
    return host.settings.get()
  },
})
