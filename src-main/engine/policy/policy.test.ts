import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEvents, createManualClock, type EngineEvent, silentLog } from '../core'
import { tempDir } from '../testing/temp-dir'
import { createPolicy } from './policy'
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
  const make = (defaultText = allowing('first')) => {
    const policy = createPolicy({ path, defaultText, clock, events, log: silentLog })
    onTestFinished(() => policy.close())
    return policy
  }
  if (fileText !== undefined) {
    make(fileText).close()
    heard.length = 0
  }
  return { path, clock, heard, make }
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
})
