import type { Handlers, Host } from './types'

type AuditChannels = Extract<keyof Handlers, `audit.${string}`>

/** The audit trail. */
export const auditHandlers = (host: Host): Pick<Handlers, AuditChannels> => ({
  'audit.list': async (query) => host.engine().audit.list(query),
  'audit.verify': async () => host.engine().audit.verify(),
})
