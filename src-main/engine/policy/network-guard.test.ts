import { describe, expect, it, vi } from 'vitest'
import { createPolicySet } from './decide'
import { rule } from './fixtures/any-rule'
import { createNetworkGuard } from './network-guard'

const asker = { principal: 'agent', agentName: 'ada', securityLevel: 'standard' } as const
const set = createPolicySet({
  rules: [
    rule({}, { resourceTypes: ['Network'], resources: ['*.example/443', '127.0.0.1/443'], operations: ['Connect'] }),
  ],
  text: '',
})

const setUp = (hosts: Readonly<Record<string, readonly string[]>>) => {
  const resolve = vi.fn(async (host: string): Promise<readonly string[]> => {
    const found = hosts[host]
    if (found === undefined) throw new Error(`ENOTFOUND ${host}`)
    return found
  })
  return { resolve, guard: createNetworkGuard({ resolve, decide: (request) => set.decide(request, 0) }) }
}

describe('the network guard', () => {
  it('decides on what a name stands for, and says which addresses to connect to', async () => {
    const { guard, resolve } = setUp({ 'a.example': ['203.0.113.5', '2001:DB8::5'] })
    expect(await guard.check(asker, 'https://A.example./x')).toMatchObject({
      decision: { effect: 'Allow' },
      host: 'a.example',
      port: 443,
      addresses: ['203.0.113.5', '2001:db8::5'],
      request: { addresses: ['203.0.113.5', '2001:db8::5'] },
    })
    expect(resolve).toHaveBeenCalledExactlyOnceWith('a.example')
  })

  it('refuses a name that stands for an inner network, even among others', async () => {
    const { guard } = setUp({ 'a.example': ['203.0.113.5', '10.0.0.5'] })
    expect((await guard.check(asker, 'a.example:443')).decision.effect).toBe('Deny')
  })

  it('resolves no address', async () => {
    const { guard, resolve } = setUp({})
    expect((await guard.check(asker, '127.1:443')).decision.effect).toBe('Allow')
    expect((await guard.check(asker, '10.1:443')).decision.effect).toBe('Deny')
    expect(resolve).not.toHaveBeenCalled()
  })

  it.each([
    ['gone.example:443', /cannot be resolved/],
    ['odd.example:443', /no address that can be read/],
    ['empty.example:443', /no address that can be read/],
    ['http://a b/', /no host and port/],
  ])('refuses %s', async (target, message) => {
    const { guard } = setUp({ 'odd.example': ['203.0.113.5', 'nonsense'], 'empty.example': [] })
    await expect(guard.check(asker, target)).rejects.toMatchObject({
      code: 'SEC_001',
      message: expect.stringMatching(message),
    })
  })

  const hosts = { 'a.example': ['203.0.113.5'], 'b.example': ['203.0.113.6'], 'in.example': ['169.254.169.254'] }
  it.each([
    ['/next', 'Allow', 'https://a.example/next'],
    ['https://b.example/x', 'Allow', 'https://b.example/x'],
    ['//b.example/x', 'Allow', 'https://b.example/x'],
    ['https://in.example/', 'Deny', 'https://in.example/'],
    ['https://169.254.169.254/latest', 'Deny', 'https://169.254.169.254/latest'],
    ['https://b.example:8443/', 'Deny', 'https://b.example:8443/'],
  ])('decides anew where a redirect leads: %s is %s', async (location, effect, url) => {
    const { guard } = setUp(hosts)
    const next = await guard.redirected(asker, 'https://a.example/start', location)
    expect([next.decision.effect, next.url]).toEqual([effect, url])
  })

  it.each(['http://a.example/', 'file:///etc/passwd', 'gopher://a.example/', 'https://'])(
    'does not follow a redirect to %s',
    async (location) => {
      const { guard } = setUp(hosts)
      await expect(guard.redirected(asker, 'https://a.example/', location)).rejects.toMatchObject({ code: 'SEC_001' })
    },
  )
})
