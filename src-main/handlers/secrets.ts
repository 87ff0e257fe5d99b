import type { Handlers, Host } from './types'

type SecretChannels = Extract<keyof Handlers, `secrets.${string}`>

/** Secrets. Only `reveal` answers with a value. */
export const secretHandlers = (host: Host): Pick<Handlers, SecretChannels> => ({
  'secrets.list': async () => host.engine().secrets.list(),
  'secrets.keyStore': () => host.engine().secrets.keyStoreStatus(),
  'secrets.create': (secret, asking) => host.engine().secrets.create(asking, secret),
  'secrets.reveal': async ({ name }, asking) => ({ value: await host.engine().secrets.reveal(asking, name) }),
  'secrets.delete': async ({ name, reason }, asking) => {
    await host.engine().secrets.delete(asking, name, reason)
    return {}
  },
})
