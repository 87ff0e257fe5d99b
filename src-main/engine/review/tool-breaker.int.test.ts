import { afterEach, beforeEach, expect, test } from 'vitest'
import { byAgent, changingServer, createParts } from './fixtures/parts'

let parts: ReturnType<typeof createParts>
beforeEach(async () => {
  parts = createParts({ callTimeoutMs: 200 })
  await parts.connect('changing', [changingServer])
  for (const name of ['refuse', 'hang', 'fail', 'target']) await parts.decide(`changing.${name}`)
})
afterEach(() => parts.close())

const call = (name: string, args = {}) => parts.tools.call(byAgent(), `changing.${name}`, args)
const breaker = (name: string) => parts.breakers.list().find(({ id }) => id === `tool:changing.${name}`)

test('a tool whose server fails again and again is left alone, and its neighbours are not (tools T10)', async () => {
  for (let count = 0; count < 3; count += 1) await expect(call('refuse')).rejects.toMatchObject({ code: 'MCP_002' })
  expect(breaker('refuse')).toMatchObject({ kind: 'tool', name: 'changing.refuse', state: 'open', failures: 3 })
  await expect(call('refuse')).rejects.toMatchObject({ code: 'RECOVERY_001' })
  expect(await call('target', { text: 'hello' })).toMatchObject({ isError: false })
  expect(parts.records('tool.call').map(({ outcome, code }) => [outcome, code])).toEqual([
    ...Array(3).fill(['failed', 'MCP_002']),
    ['failed', 'RECOVERY_001'],
    ['success', null],
  ])
})

test('a tool that keeps silent is left alone as well (tools T10)', async () => {
  await Promise.all([1, 2, 3].map(() => expect(call('hang')).rejects.toMatchObject({ code: 'MCP_004' })))
  expect(breaker('hang')).toMatchObject({ state: 'open', lastError: { code: 'MCP_004' } })
})

test('what a tool reports itself, and what is refused before it, does not count (tools T10)', async () => {
  for (let count = 0; count < 5; count += 1) expect(await call('fail')).toMatchObject({ isError: true })
  for (let count = 0; count < 5; count += 1)
    await expect(call('target', { text: 'x'.repeat(100) })).rejects.toMatchObject({ code: 'MCP_002' })
  await parts.decide('changing.fail', 'reject')
  for (let count = 0; count < 5; count += 1) await expect(call('fail')).rejects.toMatchObject({ code: 'REVIEW_001' })
  expect(breaker('fail')).toMatchObject({ state: 'closed', failures: 0, successes: 5 })
  expect(breaker('target')).toBeUndefined()
  expect(parts.faults).toEqual([])
  await expect(call('refuse')).rejects.toMatchObject({ code: 'MCP_002' })
  expect(parts.faults).toMatchObject([{ agentName: 'caller', code: 'MCP_002' }])
})
