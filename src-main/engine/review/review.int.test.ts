import type { ToolId } from '@contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  agent,
  byAgent,
  byOperator,
  changingServer,
  correlationId,
  createParts,
  everythingServer,
} from './fixtures/parts'

const withCode = (code: string) => expect.objectContaining({ code })

let parts: ReturnType<typeof createParts>
beforeEach(() => {
  parts = createParts()
})
afterEach(() => parts.close())

const change = (to: string) => parts.tools.call(byAgent(), 'changing.change', { to })
const callTarget = () => parts.tools.call(byAgent(), 'changing.target', { text: 'hello' })

const connectChanging = async () => {
  await parts.connect('changing', [changingServer])
  await parts.decide('changing.change')
  await parts.decide('changing.target')
}

test('a real server: its tools wait for review, and only an approved one can be called', async () => {
  const added = await parts.connect('everything', [everythingServer, 'stdio'])
  expect(added.state).toBe('connecting')
  const server = parts.server('everything')
  expect(server?.claims?.name).toContain('everything')
  expect(server?.toolCount).toBeGreaterThan(5)
  expect(server?.pendingCount).toBe(server?.toolCount)
  expect(parts.tools.tools().every((tool) => tool.status === 'pending')).toBe(true)

  const call = () => parts.tools.call(byAgent(), 'everything.echo', { message: 'ping' })
  await expect(call()).rejects.toEqual(withCode('REVIEW_001'))
  const decided = await parts.decide('everything.echo')
  expect(decided).toMatchObject({ status: 'approved', decidedReason: 'read and understood' })
  const result = await call()
  expect(result.isError).toBe(false)
  expect(JSON.stringify(result.content)).toContain('ping')
  expect(parts.tools.approvedFor(['everything.*']).map((tool) => tool.name)).toStrictEqual(['everything.echo'])
  expect(parts.tools.approvedFor(['other.*'])).toStrictEqual([])

  const records = parts.records().map((record) => [record.action, record.resource, record.outcome, record.code])
  expect(records).toStrictEqual([
    ['server.add', 'Server everything', 'success', null],
    ['server.connect', 'Server everything', 'success', null],
    ['tool.call', 'Tool everything.echo', 'denied', 'REVIEW_001'],
    ['review.decide', 'Review everything.echo', 'success', null],
    ['tool.call', 'Tool everything.echo', 'success', null],
  ])
  expect(parts.records().every((record) => record.correlationId === correlationId)).toBe(true)
  expect(await parts.audit.verify()).toMatchObject({ ok: true, checked: 5 })
})

test('a rejected tool cannot be called and says why', async () => {
  await parts.connect('changing', [changingServer])
  await parts.decide('changing.target', 'reject')
  await expect(callTarget()).rejects.toMatchObject({
    code: 'REVIEW_001',
    message: 'changing.target was rejected: read and understood',
  })
  await parts.decide('changing.target')
  expect(await callTarget()).toMatchObject({ structuredContent: { said: 'hello' }, isError: false })
})

test.each(['description', 'default', 'unknownKey'])(
  'a changed %s disables the tool until it is reviewed again',
  async (what) => {
    await connectChanging()
    const before = parts.tool('changing.target')
    await change(what)
    await parts.untilStatus('changing.target', 'changed')
    await expect(callTarget()).rejects.toEqual(withCode('SCHEMA_001'))
    expect(parts.tools.approvedFor(['changing.target'])).toStrictEqual([])
    expect(parts.server('changing')?.pendingCount).toBe(10)

    const detail = parts.tools.tool(before.id)
    expect(detail.digest).not.toBe(before.digest)
    expect(detail.decidedDefinition).toMatchObject({ description: 'Says what it is given.' })
    expect(detail.definition).not.toStrictEqual(detail.decidedDefinition)
    const stale = { toolId: before.id, digest: before.digest, decision: 'approve', reason: 'not looked' } as const
    await expect(parts.review.decide(byOperator, stale)).rejects.toEqual(withCode('REVIEW_003'))

    await parts.decide('changing.target')
    expect(await callTarget()).toMatchObject({ isError: false })
    expect(parts.records('server.tools').map((record) => record.details['changed'])).toStrictEqual([
      { count: 1, names: ['target'] },
    ])
  },
)

test('a change back to what was approved makes the tool callable again, and a rejected one comes back for review', async () => {
  await connectChanging()
  await change('description')
  await parts.untilStatus('changing.target', 'changed')
  await change('restore')
  await parts.untilStatus('changing.target', 'approved')
  expect(await callTarget()).toMatchObject({ isError: false })
  await parts.decide('changing.target', 'reject')
  await change('description')
  await parts.untilStatus('changing.target', 'changed')
})

test('another order of keys and tools is no change', async () => {
  await connectChanging()
  const before = parts.tools.tools()
  await change('order')
  expect(await callTarget()).toMatchObject({ isError: false })
  expect(parts.tools.tools()).toStrictEqual(before)
  expect(parts.records('server.tools')).toStrictEqual([])
})

test('a tool that vanishes keeps its decision for the same definition', async () => {
  await connectChanging()
  await change('vanish')
  await parts.untilStatus('changing.target', 'gone')
  await expect(callTarget()).rejects.toEqual(withCode('SCHEMA_001'))
  await expect(parts.decide('changing.target')).rejects.toEqual(withCode('REVIEW_003'))
  await change('restore')
  await parts.untilStatus('changing.target', 'approved')
  expect(await callTarget()).toMatchObject({ isError: false })
})

test('a look-alike is a tool of its own and is not approved', async () => {
  await connectChanging()
  await change('add')
  await parts.untilStatus('changing.tаrget', 'pending')
  await expect(parts.tools.call(byAgent(), 'changing.tаrget', { text: 'hello' })).rejects.toEqual(
    withCode('REVIEW_001'),
  )
  expect(await callTarget()).toMatchObject({ isError: false })
})

test('decisions survive a restart, and a new definition is noticed then too', async () => {
  await connectChanging()
  await parts.tools.close()
  const reopened = parts.openTools()
  reopened.start()
  await expect.poll(() => reopened.servers()[0]?.state, { timeout: 10_000 }).toBe('connected')
  expect(await reopened.call(byAgent(), 'changing.target', { text: 'again' })).toMatchObject({ isError: false })
  await parts.store.write((tx) => tx.run(`UPDATE tools SET decided_digest = digest || 'x' WHERE name = 'target'`))
  await expect(reopened.call(byAgent(), 'changing.target', { text: 'again' })).rejects.toEqual(withCode('SCHEMA_001'))
  await reopened.close()
})

test('only a person decides', async () => {
  await parts.connect('changing', [changingServer])
  const { id, digest } = parts.tool('changing.target')
  const decision = { toolId: id, digest, decision: 'approve', reason: 'trust me' } as const
  for (const caller of [agent(), { kind: 'engine', id: 'tools' } as const])
    await expect(parts.review.decide({ caller, correlationId }, decision)).rejects.toEqual(withCode('SEC_001'))
  expect(parts.tool('changing.target').status).toBe('pending')
  expect(await parts.review.decide(byOperator, decision)).toMatchObject({ status: 'approved' })
  expect(parts.records('review.decide').map((record) => [record.outcome, record.code])).toStrictEqual([
    ['denied', 'SEC_001'],
    ['denied', 'SEC_001'],
    ['success', null],
  ])
  expect(parts.records('review.decide')[2]?.details).toMatchObject({ digest, decision: 'approve', reason: 'trust me' })
})

test('a tool that does not exist can be neither decided on nor called', async () => {
  const toolId = '0190a0a0-0000-7000-8000-0000000000ff' as ToolId
  const decision = { toolId, digest: 'a'.repeat(64), decision: 'approve', reason: 'why not' } as const
  await expect(parts.review.decide(byOperator, decision)).rejects.toEqual(withCode('REVIEW_002'))
  await expect(parts.tools.call(byAgent(), 'nobody.nothing', {})).rejects.toEqual(withCode('REVIEW_002'))
  await expect(parts.tools.call(byAgent(), 'nothing', {})).rejects.toEqual(withCode('REVIEW_002'))
})
