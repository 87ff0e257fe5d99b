import type { Handlers, Host } from './types'

type ToolChannels = Extract<keyof Handlers, `servers.${string}` | `tools.${string}` | `reviews.${string}`>

/** Tool servers, their tools, and the decisions about them. */
export const toolHandlers = (host: Host): Pick<Handlers, ToolChannels> => ({
  'servers.list': async () => host.engine().tools.servers(),
  'servers.add': (server, asking) => host.engine().tools.addServer(asking, server),
  'servers.reconnect': ({ id }, asking) => host.engine().tools.reconnectServer(asking, id),
  'servers.remove': async ({ id }, asking) => {
    await host.engine().tools.removeServer(asking, id)
    return {}
  },
  'servers.log': async ({ id }) => [...host.engine().tools.serverLog(id)],
  'tools.list': async ({ status }) => host.engine().tools.tools({ status }),
  'tools.get': async ({ id }) => host.engine().tools.tool(id),
  'reviews.decide': (decision, asking) => host.engine().review.decide(asking, decision),
})
