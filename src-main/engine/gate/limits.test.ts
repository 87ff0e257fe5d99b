import { describe, expect, it, vi } from 'vitest'
import { RuntimeError } from '../core'
import { RULES_THAT_ASK, request, setUp } from './fixtures/set-up'

describe('a limit', () => {
  it('refuses what is too much, says when to ask again, and lets it pass then', async () => {
    const { gate, clock, records } = setUp(undefined, RULES_THAT_ASK)
    const read = () => gate.perform(request({ resource: 'demo/slow' }), async () => 1)
    expect(await read()).toBe(1)
    expect(await read()).toBe(1)
    await expect(read()).rejects.toMatchObject({
      code: 'POLICY_004',
      details: { rule: 'two a minute', retryAfterMs: 30_000 },
    })
    expect(records()[0]).toMatchObject({ outcome: 'denied', code: 'POLICY_004' })
    clock.advance(30_000)
    expect(await read()).toBe(1)
  })

  it('of acts at once is free again when an act is over, however it ended', async () => {
    const { gate } = setUp(undefined, RULES_THAT_ASK)
    const one = request({ resource: 'demo/single' })
    const ends: ((error: Error) => void)[] = []
    const first = gate.perform(one, () => new Promise((_resolve, reject) => ends.push(reject)))
    await vi.waitFor(() => expect(ends).toHaveLength(1))
    await expect(gate.perform(one, async () => 2)).rejects.toMatchObject({ code: 'POLICY_004' })
    ends[0]?.(new RuntimeError('MCP_004', 'Too slow.'))
    await expect(first).rejects.toMatchObject({ code: 'MCP_004' })
    expect(await gate.perform(one, async () => 3)).toBe(3)
  })
})
