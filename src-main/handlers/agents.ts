import type { Handlers, Host } from './types'

type AgentChannels = Extract<keyof Handlers, `agents.${string}` | `executions.${string}`>

/** Agents and their runs. */
export const agentHandlers = (host: Host): Pick<Handlers, AgentChannels> => ({
  'agents.templates': async () => [...host.engine().templates],
  'agents.list': async ({ states }) => host.engine().agents.list(states),
  'agents.page': async (query) => host.engine().agents.page(query),
  'agents.ids': async (query) => host.engine().agents.ids(query),
  'agents.get': async ({ id }) => host.engine().agents.get(id),
  'agents.create': ({ definition }, asking) => host.engine().agents.create(asking, definition),
  'agents.edit': (change, asking) => host.engine().agents.edit(asking, change),
  'agents.run': ({ input, ...run }, asking) => host.engine().runs.start(asking, { ...run, input: input ?? null }),
  'agents.suspend': ({ id, reason }, asking) =>
    host.engine().runs.suspend(asking, id, reason ?? 'suspended by a person'),
  'agents.resume': ({ id, reason }, asking) => host.engine().runs.resume(asking, id, reason ?? 'resumed by a person'),
  'agents.stop': ({ id, reason }, asking) => host.engine().runs.stop(asking, id, reason ?? 'stopped by a person'),
  'agents.bulk': (order, asking) => host.engine().bulk(asking, order),
  'agents.heartbeat': ({ id, note }, asking) => host.engine().heartbeats.report(asking, id, note),
  'agents.restarts': async ({ id, limit }) => {
    host.engine().agents.summary(id)
    return host.engine().recovery.restarts(id, limit)
  },
  'agents.timeline': async ({ id }) => host.engine().agents.timeline(id),
  'executions.list': async (query) => host.engine().runs.list(query),
  'executions.get': async ({ id }) => host.engine().runs.get(id),
  'executions.cancel': ({ id, reason }, asking) =>
    host.engine().runs.cancel(asking, id, reason ?? 'cancelled by a person'),
  'executions.log': async ({ id, beforeSeq, limit }) => host.engine().logs.page(id, beforeSeq, limit),
})
