import type { Handlers, Host, StreamHandlers } from './types'

type MessageChannels = Extract<keyof Handlers, `messages.${string}` | `deadLetters.${string}`>

/** Messages between agents, from outside; only `reveal` answers with what is inside of one. */
export const messageHandlers = (host: Host): Pick<Handlers, MessageChannels> => ({
  'messages.list': async (query) => host.engine().bus.list(query),
  'messages.get': ({ id }) => host.engine().bus.get(id),
  'messages.conversation': async ({ correlationId, limit }) => host.engine().bus.conversation(correlationId, limit),
  'messages.reveal': ({ id, reason }, asking) => host.engine().bus.reveal(asking, id, reason),
  'messages.send': ({ to, payload, ...carriage }, asking) =>
    host.engine().bus.write(asking, { ...carriage, to, payload: Buffer.from(JSON.stringify(payload), 'utf8') }),
  'messages.stats': async () => host.engine().bus.stats(),
  'messages.identities': async () => host.engine().bus.identities(),
  'messages.rotateKeys': ({ partyId, reason }, asking) => host.engine().bus.rotateKeys(asking, partyId, reason),
  'deadLetters.list': async (query) => host.engine().bus.deadLetters(query),
  'deadLetters.replay': async ({ ids }, asking) => ({ replayed: await host.engine().bus.replay(asking, ids) }),
  'deadLetters.purge': async ({ ids, reason }, asking) => ({
    purged: await host.engine().bus.purge(asking, ids, reason),
  }),
})

export const messageStreamHandlers = (host: Host): Pick<StreamHandlers, 'messages.follow'> => ({
  'messages.follow': async ({ filter }) => host.engine().bus.follow(filter),
})
