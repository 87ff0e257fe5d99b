import type { Handlers, Host } from './types'

type ApprovalChannels = Extract<keyof Handlers, `approvals.${string}`>

/** What waits for a person, and what stands of their decisions. */
export const approvalHandlers = (host: Host): Pick<Handlers, ApprovalChannels> => ({
  'approvals.list': async (query) => host.engine().approvals.list(query),
  'approvals.get': async ({ id }) => host.engine().approvals.get(id),
  'approvals.decide': (decision, asking) => host.engine().approvals.decide(asking, decision),
  'approvals.decideMany': (decision, asking) => host.engine().approvals.decideMany(asking, decision),
  'approvals.grants': async (options) => host.engine().approvals.grants(options),
  'approvals.revoke': ({ id, reason }, asking) => host.engine().approvals.revoke(asking, id, reason),
  'approvals.advice': async () => host.engine().approvals.advice(),
})
