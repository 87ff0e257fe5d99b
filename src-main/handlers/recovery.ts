import type { Handlers, Host } from './types'

type RecoveryChannels = Extract<keyof Handlers, `breakers.${string}` | `recovery.${string}`>

/** What failed, what was done about it, and what is not tried for now. */
export const recoveryHandlers = (host: Host): Pick<Handlers, RecoveryChannels> => ({
  'breakers.list': async () => host.engine().breakers.list(),
  'breakers.probe': ({ id, reason }, asking) => host.engine().breakers.probe(asking, id, reason),
  'recovery.events': async (query) => host.engine().recovery.events(query),
  'recovery.groups': async ({ windowMs }) => host.engine().recovery.groups(windowMs),
})
