import type { Handlers, Host } from './types'

type PolicyChannels = Extract<keyof Handlers, `policies.${string}`>

/** The access policy. */
export const policyHandlers = (host: Host): Pick<Handlers, PolicyChannels> => ({
  'policies.get': async () => host.engine().policy.view(),
  'policies.check': async ({ text }) => ({ error: host.engine().policy.check(text) }),
  'policies.inspect': async ({ text }) => host.engine().policy.inspect(text),
  'policies.explain': async (question) => host.engine().policy.explain(question),
  'policies.replay': (question) => host.engine().policy.replay(question),
  'policies.history': async ({ limit }) => host.engine().policy.versions(limit),
  'policies.version': async ({ hash }) => ({ text: host.engine().policy.versionText(hash) }),
  'policies.save': (change, asking) => host.engine().policy.save(asking, change),
  'policies.rollback': (change, asking) => host.engine().policy.rollback(asking, change),
})
