import type { Handlers, Host } from './types'

type ResourceChannels = Extract<keyof Handlers, `resources.${string}`>

/** What there is, what was granted of it, and what is used. */
export const resourceHandlers = (host: Host): Pick<Handlers, ResourceChannels> => ({
  'resources.overview': async () => host.engine().resources.overview(),
  'resources.history': async (query) => host.engine().resources.history(query),
  'resources.violations': async (query) => host.engine().resources.violations(query),
})
