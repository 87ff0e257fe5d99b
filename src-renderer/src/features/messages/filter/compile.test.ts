import type { MessageHeader, Party } from '@contract'
import { describe, expect, it } from 'vitest'
import { compileFilter, topicMatcher } from './compile'
import { parseFilter } from './terms'

const party = (number: number, name: string): Party => ({
  id: `0190a1b2-7c3a-7000-8000-00000000000${number}`,
  name,
  kind: 'agent',
})
const [ADA, BOB, TWIN, OTHER] = [party(1, 'Ada'), party(2, 'Bob'), party(3, 'Twin'), party(4, 'Twin')] as const
const PARTIES = [ADA, BOB, TWIN, OTHER]
const NOW = 1_000_000_000_000

const compile = (text: string, parties: readonly Party[] | null = PARTIES) =>
  compileFilter(parseFilter(text), { parties, nowMs: NOW })
const header = (change: Partial<MessageHeader>): MessageHeader =>
  ({ sender: ADA, recipient: BOB, topic: null, state: 'queued', ...change }) as MessageHeader

describe('what the engine is asked', () => {
  it('is the ids of who is meant, and the direction is left to the page', () => {
    const { wire, keep, problems } = compile('from:ada to:Bob')
    expect(problems).toEqual([])
    expect(wire).toEqual({ agentId: ADA.id, peerId: BOB.id })
    expect(keep(header({}))).toBe(true)
    expect(keep(header({ sender: BOB, recipient: ADA }))).toBe(false)
  })

  it('takes either side for "with", and an id for a name', () => {
    const { wire, keep } = compile(`with:${BOB.id}`)
    expect(wire).toEqual({ agentId: BOB.id })
    expect([keep(header({})), keep(header({ sender: BOB, recipient: ADA })), keep(header({ recipient: ADA }))]).toEqual(
      [true, true, false],
    )
  })

  it('is part of the name where several are called alike, or where nobody is known yet', () => {
    expect(compile('from:Twin').wire).toEqual({ text: 'Twin' })
    expect(compile('from:Twin').keep(header({ sender: OTHER }))).toBe(true)
    expect(compile('from:Nemo', null)).toMatchObject({ wire: { text: 'Nemo' }, problems: [] })
  })

  it('names who does not exist', () => {
    expect(compile('to:Nemo').problems).toEqual([expect.objectContaining({ message: 'Nobody here is called “Nemo”.' })])
  })

  it('is a topic as it is, or the longest part of a pattern', () => {
    expect(compile('topic:orders/new').wire).toEqual({ topic: 'orders/new' })
    const { wire, keep } = compile('topic:o*/done')
    expect(wire).toEqual({ text: '/done' })
    expect(keep(header({ topic: 'orders/done' }))).toBe(true)
    expect(keep(header({ topic: 'orders/done/late' }))).toBe(false)
    expect(keep(header({ topic: null }))).toBe(false)
    expect(compile('topic:*').wire).toEqual({})
  })

  it('counts times from now and sizes in bytes', () => {
    expect(compile('since:10m until:30s larger:1.5k').wire).toEqual({
      sinceMs: NOW - 600_000,
      untilMs: NOW - 30_000,
      minBytes: 1536,
    })
    expect(compile('since:2026-11-23').wire.sinceMs).toBe(new Date(2026, 10, 23).getTime())
    expect(compile('since:1m until:1h').problems[0]?.message).toContain('ends before it begins')
  })

  it('follows without the states, so that a message that leaves one is heard of', () => {
    const { wire, live, keep } = compile('state:queued type:direct')
    expect(wire).toEqual({ types: ['direct'], states: ['queued'] })
    expect(live).toEqual({ types: ['direct'] })
    expect([keep(header({})), keep(header({ state: 'dead' }))]).toEqual([true, false])
  })

  it('takes every character of a pattern but * for itself', () => {
    expect(topicMatcher('a.b*')('a.bc')).toBe(true)
    expect(topicMatcher('a.b*')('axbc')).toBe(false)
  })
})
