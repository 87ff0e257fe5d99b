import type { ApprovalSummary } from '@contract'
import { describe, expect, it } from 'vitest'
import { equalsOf, nameToType, nextAfter, reachSentence, readMinutes, SCOPES } from './triage'

const approval = (id: string, change: Partial<ApprovalSummary> = {}): ApprovalSummary =>
  ({
    id,
    status: 'pending',
    who: { kind: 'agent', id: 'a', name: 'Mail bot', executionId: 'r', tier: 'tier1' },
    action: 'tool.call',
    resource: 'files.write_file',
    consequence: 'change',
    digest: id,
    scopes: SCOPES,
    ...change,
  }) as ApprovalSummary

describe('where to go after a decision', () => {
  const queue = ['1', '2', '3', '4'].map((id) => approval(id))

  it('is the next one below that still waits', () => {
    expect(nextAfter(queue, new Set(['2']), '2')?.id).toBe('3')
    expect(nextAfter(queue, new Set(['2', '3']), '2')?.id).toBe('4')
  })

  it('is the one above at the end of the queue, and nothing when none is left', () => {
    expect(nextAfter(queue, new Set(['4']), '4')?.id).toBe('3')
    expect(nextAfter([approval('1')], new Set(['1']), '1')).toBeUndefined()
  })

  it('is the first when the one that was decided is not in the list', () => {
    expect(nextAfter(queue, new Set(['9']), '9')?.id).toBe('1')
  })
})

describe('requests that may be decided together', () => {
  const look = (id: string, digest: string, change: Partial<ApprovalSummary> = {}) =>
    approval(id, { consequence: 'metadata', digest, ...change })

  it('are equal ones of the mildest grade', () => {
    const queue = [look('1', 'x'), look('2', 'y'), look('3', 'x'), look('4', 'x', { status: 'timeout' })]
    expect(equalsOf(queue, look('1', 'x')).map(({ id }) => id)).toEqual(['1', '3'])
  })

  it.each(['change', 'disclose', 'destroy'] as const)('are never several that %s', (consequence) => {
    const queue = [approval('1', { consequence, digest: 'x' }), approval('2', { consequence, digest: 'x' })]
    expect(equalsOf(queue, approval('1', { consequence, digest: 'x' })).map(({ id }) => id)).toEqual(['1'])
  })

  it('are at most as many as the engine takes', () => {
    const queue = Array.from({ length: 130 }, (_, index) => look(String(index), 'x'))
    expect(equalsOf(queue, look('0', 'x'))).toHaveLength(100)
  })
})

describe('the name to type before something is destroyed', () => {
  it.each([
    ['files.delete_all', 'files.delete_all'],
    [`archive/${'deep/'.repeat(20)}notes.txt`, 'notes.txt'],
    ['team\u200B/notes', 'notes'],
    ['no\u202Etes', 'server.remove'],
    ['', 'server.remove'],
  ])('of %j is %j', (resource, expected) => {
    expect(nameToType({ resource, action: 'server.remove' })).toBe(expected)
  })
})

describe('the reach of a yes', () => {
  it('is said with who, what and how long', () => {
    expect(reachSentence(approval('1'), { scope: 'once', minutes: null })).toMatch(/Mail bot .* one time/)
    expect(reachSentence(approval('1'), { scope: 'run', minutes: null })).toMatch(/tool\.call .* until its run ends/)
    expect(reachSentence(approval('1'), { scope: 'arguments', minutes: 1440 })).toMatch(/these arguments, for 1 day/)
    expect(reachSentence(approval('1'), { scope: 'minutes', minutes: 90 })).toMatch(/for 90 minutes, whatever/)
  })

  it.each([
    ['15', 15],
    ['43200', 43_200],
    ['43201', null],
    ['0', null],
    ['1.5', null],
    ['', null],
    ['soon', null],
  ])('reads %j as %j minutes', (text, expected) => {
    expect(readMinutes(text)).toBe(expected)
  })
})
