import type { AgentId } from '@contract'
import { describe, expect, it } from 'vitest'
import { ACTS, BULK_MOST, type BulkOutcome, callsOf, groupedFailures, outcomeSentence, together } from './bulk'

const ids = (count: number) => Array.from({ length: count }, (_, n) => `agent-${n}`) as unknown as AgentId[]
const failed = (n: number, code: 'AGENT_002' | 'POLICY_001'): BulkOutcome['failed'][number] => ({
  id: `agent-${n}` as unknown as AgentId,
  name: `a${n}`,
  error: { code, message: `agent ${n}`, nextStep: 'Look at it.', retryable: false },
})

describe('acts on many agents', () => {
  it('send no more at once than the engine takes, and none twice', () => {
    const calls = callsOf(ids(BULK_MOST + 1))
    expect(calls.map(({ length }) => length)).toEqual([BULK_MOST, 1])
    expect(new Set(calls.flat()).size).toBe(BULK_MOST + 1)
    expect(callsOf([])).toEqual([])
  })

  it('are told as one, with equal failures together', () => {
    const outcome = together([
      { done: 3, failed: [failed(1, 'AGENT_002'), failed(2, 'POLICY_001')] },
      { done: 4, failed: [failed(3, 'AGENT_002')] },
    ])
    expect(outcomeSentence('stop', outcome)).toBe('7 of 10 agents are stopped, 3 could not be.')
    expect(outcomeSentence('run', { done: 1, failed: [] })).toBe('1 agent is asked to run.')
    expect(groupedFailures(outcome).map(({ error, agents }) => [error.code, agents.map(({ name }) => name)])).toEqual([
      ['AGENT_002', ['a1', 'a3']],
      ['POLICY_001', ['a2']],
    ])
  })

  it('say what cannot be undone, of the one that cannot', () => {
    for (const words of Object.values(ACTS))
      expect(words.consequence(2).includes('cannot be undone')).toBe(words.destructive)
  })
})
