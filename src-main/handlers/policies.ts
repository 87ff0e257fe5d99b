import type { Handlers, Host } from './types'

type PolicyChannels = Extract<keyof Handlers, `policies.${string}`>

/** The access policy. */
export const policyHandlers = (host: Host): Pick<Handlers, PolicyChannels> => ({
  'policies.get': async () => host.engine().policy.view(),
  'policies.check': async ({ text }) => ({ error: host.engine().policy.check(text) }),
  'policies.save': (change, asking) => host.engine().policy.save(asking, change),
})
