import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEvents, createManualClock, type EngineEvent, silentLog } from '../core'
import { tempDir } from '../testing/temp-dir'
import { tempStore } from '../testing/temp-store'
import { createPolicyHistory } from './history'
import { MAX_POLICY_BYTES } from './parse'
import { createPolicy, type PolicyChange, type PolicyOptions } from './policy'
import type { PolicyRequest } from './types'

const allowing = (resource: string): string => `version: "1.0"
policies:
  - name: "allow ${resource}"
    effect: "Allow"
    resources: ["${resource}"]
    operations: ["Read"]
`
const BROKEN = 'version: "1.0"\npolicies:\n  - nam: "x"\n'

const asks = (resource: string): PolicyRequest => ({
  principal: 'agent',
  agentName: 'ada',
  securityLevel: 'standard',
  resourceType: 'Secret',
  resource,
  operation: 'Read',
})

const setUp = (fileText?: string) => {
  const path = join(tempDir(), 'policies', 'access_policies.yaml')
  const clock = createManualClock()
  const heard: EngineEvent[] = []
  const events = createEvents((error) => expect.fail(String(error)))
  events.subscribe((event) => heard.push(event))
  const changes: PolicyChange[] = []
  const make = (defaultText = allowing('first'), more: Partial<PolicyOptions> = {}) => {
    const onChange = (change: PolicyChange): void => void changes.push(change)
    const policy = createPolicy({ path, defaultText, clock, events, log: silentLog, onChange, ...more })
    onTestFinished(() => policy.close())
    return policy
  }
  if (fileText !== undefined) {
    make(fileText).close()
    heard.length = 0
  }
  return { path, clock, heard, changes, make }
}

describe('createPolicy', () => {
  it('makes the file at first start, for its owner only, and puts it in force', () => {
    const { path, make } = setUp()
    const policy = make()
    expect(readFileSync(path, 'utf8')).toBe(allowing('first'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    expect(policy.decide(asks('second')).effect).toBe('Deny')
  })

  it('leaves a file that is there as it is', () => {
    const { path, make } = setUp(allowing('mine'))
    const policy = make()
    expect(readFileSync(path, 'utf8')).toBe(allowing('mine'))
    expect(policy.decide(asks('mine')).effect).toBe('Allow')
  })

  it('P4: keeps the last good rules when the file turns bad, and shows why', () => {
    const { path, heard, make } = setUp()
    const policy = make()
    const good = policy.view()
    writeFileSync(path, BROKEN)
    const bad = policy.view()
    expect(bad.text).toBe(BROKEN)
    expect(bad.rules).toEqual(good.rules)
    expect(bad.loadedAtMs).toBe(good.loadedAtMs)
    expect(bad.error).toMatchObject({ code: 'POLICY_002', details: { line: 3, column: 5 } })
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    expect(heard.map(({ topic }) => topic)).toEqual(['policies.changed'])

    writeFileSync(path, allowing('second'))
    expect(policy.view().error).toBeNull()
    expect(policy.decide(asks('first')).effect).toBe('Deny')
    expect(policy.decide(asks('second')).effect).toBe('Allow')
  })

  it('P4: keeps the last good rules when the file goes away', () => {
    const { path, make } = setUp()
    const policy = make()
    rmSync(path)
    expect(policy.view().error).toMatchObject({ code: 'POLICY_002' })
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    writeFileSync(path, allowing('first'))
    expect(policy.view().error).toBeNull()
  })

  it('starts with the built-in rules alone when the file was never good', () => {
    const { make } = setUp()
    const policy = make(BROKEN)
    expect(policy.view().rules.every(({ origin }) => origin === 'builtin')).toBe(true)
    expect(policy.decide(asks('first')).effect).toBe('Deny')
    expect(policy.decide({ ...asks('first'), principal: 'operator' }).effect).toBe('Allow')
  })

  it('puts a changed file in force once the writing has settled', async () => {
    const { path, clock, heard, make } = setUp()
    const policy = make()
    writeFileSync(path, allowing('second'))
    await expect
      .poll(() => {
        clock.advance(50)
        return policy.decide(asks('second')).effect
      })
      .toBe('Allow')
    expect(heard.map(({ topic }) => topic)).toContain('policies.changed')
  })

  it('checks a text without changing anything', () => {
    const { path, make } = setUp()
    const policy = make()
    expect(policy.check(allowing('x'))).toBeNull()
    expect(policy.check(BROKEN)).toMatchObject({ code: 'POLICY_002', details: { line: 3 } })
    expect(readFileSync(path, 'utf8')).toBe(allowing('first'))
  })

  it('saves on top of what was shown', () => {
    const { path, heard, make } = setUp()
    const policy = make()
    policy.save(policy.view().textHash, allowing('second'))
    expect(readFileSync(path, 'utf8')).toBe(allowing('second'))
    expect(policy.decide(asks('second')).effect).toBe('Allow')
    expect(heard).toHaveLength(1)
    expect(existsSync(`${path}.new`)).toBe(false)
  })

  it('refuses to save over what was not shown', () => {
    const { path, make } = setUp()
    const policy = make()
    const shown = policy.view().textHash
    writeFileSync(path, allowing('theirs'))
    expect(() => policy.save(shown, allowing('mine'))).toThrow(expect.objectContaining({ code: 'POLICY_003' }))
    expect(readFileSync(path, 'utf8')).toBe(allowing('theirs'))
    expect(policy.decide(asks('theirs')).effect).toBe('Allow')
  })

  it('refuses to save a text that is not valid', () => {
    const { path, make } = setUp()
    const policy = make()
    expect(() => policy.save(policy.view().textHash, BROKEN)).toThrow(expect.objectContaining({ code: 'POLICY_002' }))
    expect(readFileSync(path, 'utf8')).toBe(allowing('first'))
    expect(policy.decide(asks('first')).effect).toBe('Allow')
  })

  it('P4: does not even read a file that is too large, and says so soon', () => {
    const { path, changes, make } = setUp()
    const policy = make()
    writeFileSync(path, Buffer.alloc(10_000_000, '# x\n'))
    const view = policy.view()
    expect(view).toMatchObject({
      text: '',
      error: { code: 'POLICY_002', details: { line: 1, column: 1 } },
      problems: [{ code: 'file.too-large', severity: 'error' }],
    })
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    policy.view()
    expect(changes.map(({ kind }) => kind)).toEqual(['activated', 'refused'])
    expect(policy.check('#'.repeat(MAX_POLICY_BYTES + 1))).toMatchObject({ code: 'POLICY_002' })
    expect(policy.check(`${allowing('x')}#`)).toBeNull()
  })

  it('P4: refuses a file whose own tests fail', () => {
    const { path, make } = setUp()
    const policy = make()
    const test = (decision: string) =>
      `${allowing('second')}tests:
  - name: "second is read"
    request: { resource_type: Secret, resource: second, operation: Read }
    expect: { decision: ${decision} }
`
    writeFileSync(path, test('Deny'))
    expect(policy.view().error).toMatchObject({ code: 'POLICY_002', details: { line: 10, column: 13 } })
    expect(policy.decide(asks('second')).effect).toBe('Deny')
    expect(() => policy.save(policy.view().textHash, test('Limit'))).toThrow('expects Limit; the answer is Allow')
    policy.save(policy.view().textHash, test('Allow'))
    expect(policy.decide(asks('second')).effect).toBe('Allow')
    expect(policy.inspect(test('Deny')).tests).toMatchObject([{ name: 'second is read', ok: false }])
  })

  it('reports each set that comes into force and each that is refused, once', () => {
    const { path, changes, make } = setUp()
    const policy = make()
    const first = policy.view().setHash
    writeFileSync(path, BROKEN)
    policy.view()
    policy.view()
    policy.save(policy.view().textHash, allowing('second'), { origin: 'console', by: 'ada' })
    expect(changes).toMatchObject([
      { kind: 'activated', setHash: first, author: { origin: 'file' } },
      { kind: 'refused', error: { code: 'POLICY_002' } },
      { kind: 'activated', previousHash: first, author: { origin: 'console', by: 'ada' } },
    ])
  })

  it('answers by one set or the other, never by a remembered answer of the former', () => {
    const { path, make } = setUp()
    const policy = make()
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    writeFileSync(path, allowing('second'))
    policy.view()
    expect(policy.decide(asks('first'))).toMatchObject({ effect: 'Deny', setHash: policy.view().setHash })
  })

  it('explains and replays with the rules in force, a text, or a version', async () => {
    const { clock, make } = setUp()
    const policy = make(undefined, { history: createPolicyHistory({ store: tempStore(clock), clock }) })
    const first = policy.view().setHash
    await expect.poll(() => policy.versions(9).length).toBe(1)
    policy.save(policy.view().textHash, allowing('second'))
    expect(policy.explain(asks('first')).decision.effect).toBe('Deny')
    expect(policy.explain(asks('first'), { which: { hash: first } }).decision).toMatchObject({
      effect: 'Allow',
      setHash: first,
    })
    expect(policy.explain(asks('third'), { which: { text: allowing('third') } }).decision.effect).toBe('Allow')
    const past = {
      request: asks('first') as never,
      atMs: 0,
      effect: 'Allow',
      rule: 'allow first',
      setHash: first,
    } as const
    expect(policy.replay([past], { hash: first }).changes).toEqual([])
    expect(policy.replay([past], 'active').changes).toMatchObject([{ direction: 'stricter' }])
    expect(() => policy.explain(asks('x'), { which: { hash: 'none' } })).toThrow(
      expect.objectContaining({ code: 'POLICY_002' }),
    )
    expect(() => policy.explain(asks('x'), { which: { text: BROKEN } })).toThrow(
      expect.objectContaining({ code: 'POLICY_002' }),
    )
  })

  it('keeps every version that was in force, and goes back to one', async () => {
    const { clock, make } = setUp()
    const policy = make(undefined, { history: createPolicyHistory({ store: tempStore(clock), clock }) })
    const first = policy.view().setHash
    await expect.poll(() => policy.versions(9).length).toBe(1)
    policy.save(policy.view().textHash, allowing('second'), { origin: 'console', by: 'ada' })
    policy.save(policy.view().textHash, allowing('second'), { origin: 'console', by: 'ada' })
    await expect.poll(() => policy.versions(9).length).toBe(2)
    policy.rollback(policy.view().textHash, first, 'bob')
    await expect.poll(() => policy.versions(9).length).toBe(3)
    expect(policy.versions(9).map(({ origin, by }) => [origin, by])).toEqual([
      ['rollback', 'bob'],
      ['console', 'ada'],
      ['file', null],
    ])
    expect(policy.versions(1)).toMatchObject([
      { hash: first, rules: policy.view().rules.length, bytes: Buffer.byteLength(allowing('first')) },
    ])
    expect(policy.view().text).toBe(allowing('first'))
    expect(policy.versionText(first)).toBe(allowing('first'))
    expect(policy.decide(asks('first')).effect).toBe('Allow')
    const hash = policy.view().textHash
    expect(() => policy.rollback(hash, 'none', null)).toThrow('no such version')
    expect(() => policy.rollback('stale', first, null)).toThrow(expect.objectContaining({ code: 'POLICY_003' }))
  })

  it('P4: starts with the last good rules of the history when the file is not good', async () => {
    const { path, clock, make } = setUp()
    const history = createPolicyHistory({ store: tempStore(clock), clock })
    const policy = make(undefined, { history })
    await expect.poll(() => policy.versions(9).length).toBe(1)
    policy.close()
    writeFileSync(path, BROKEN)
    const again = make(undefined, { history })
    expect(again.decide(asks('first')).effect).toBe('Allow')
    expect(again.view()).toMatchObject({ text: BROKEN, error: { code: 'POLICY_002' } })
    expect(again.versions(9)).toHaveLength(1)
  })

  it('hands out what limits allow', () => {
    const { make } = setUp()
    const policy = make(`version: "1.0"
policies:
  - { id: "slow", match: { agents: [ada], resource_type: Secret }, effect: Limit, limit: { concurrency: 1 } }
`)
    const decision = policy.decide(asks('a'))
    expect(decision).toMatchObject({ effect: 'Limit', limits: [{ rule: 'slow', limit: { concurrency: 1 } }] })
    const first = policy.acquire(decision, { caller: 'ada' })
    expect(policy.acquire(decision, { caller: 'ada' })).toMatchObject({ ok: false, what: 'concurrency' })
    if (first.ok) first.release()
    expect(policy.acquire(decision, { caller: 'ada' }).ok).toBe(true)
  })
})
