import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../core'
import { agent, byAgent, byOperator, changingServer, correlationId, createParts } from './fixtures/parts'

const withCode = (code: string) => expect.objectContaining({ code })

let parts: ReturnType<typeof createParts>
beforeEach(() => {
  parts = createParts({ connectTimeoutMs: 3000, callTimeoutMs: 1000 })
})
afterEach(() => parts.close())

const connectWith = async (...names: string[]) => {
  const server = await parts.connect('changing', [changingServer])
  for (const name of names) await parts.decide(`changing.${name}`)
  return server
}
const call = (name: string, args = {}, more = {}) => parts.tools.call(byAgent(more), `changing.${name}`, args)

const silent = ['-e', 'process.stdin.resume(); process.stderr.write("here I am\\n")']

test('a server that never answers fails in time', async () => {
  const startedMs = performance.now()
  const { id } = await parts.tools.addServer(byOperator, { name: 'silent', command: process.execPath, args: silent })
  await parts.untilState('silent', 'failed')
  expect(performance.now() - startedMs).toBeLessThan(6000)
  expect(parts.server('silent')?.error).toMatchObject({
    code: 'MCP_001',
    message: 'The tool server did not answer in time.',
    nextStep: 'Check its command and its log, then reconnect it.',
  })
  expect(parts.tools.serverLog(id)).toStrictEqual(['here I am'])
  expect(parts.records('server.connect').map((record) => [record.outcome, record.code])).toStrictEqual([
    ['failed', 'MCP_001'],
  ])
})

test('a command that does not exist fails with its name, and is not tried again', async () => {
  await parts.tools.addServer(byOperator, { name: 'missing', command: 'no-such-command-here', args: [] })
  await parts.untilState('missing', 'failed')
  expect(parts.server('missing')?.error?.message).toBe('The command no-such-command-here was not found.')
})

test('a server that talks no MCP fails', async () => {
  await parts.tools.addServer(byOperator, {
    name: 'chatty',
    command: process.execPath,
    args: ['-e', 'console.log("hi")'],
  })
  await parts.untilState('chatty', 'failed')
  expect(parts.server('chatty')?.error?.code).toBe('MCP_001')
})

test('a server that names a tool twice is refused', async () => {
  await parts.tools.addServer(byOperator, {
    name: 'twice',
    command: process.execPath,
    args: [changingServer, '--twice'],
  })
  await parts.untilState('twice', 'failed')
  expect(parts.server('twice')?.error).toMatchObject({
    code: 'MCP_002',
    message: 'The server offers two tools of the same name.',
  })
  expect(parts.tools.tools()).toStrictEqual([])
})

test('a server whose list is too large is refused', async () => {
  await parts.tools.addServer(byOperator, {
    name: 'large',
    command: process.execPath,
    args: [changingServer, '--large'],
  })
  await parts.untilState('large', 'failed')
  expect(parts.server('large')?.error).toMatchObject({
    code: 'MCP_002',
    message: 'The list of tools is larger than 2 MiB.',
  })
  expect(parts.tools.tools()).toStrictEqual([])
})

test('a server that dies fails, leaves a record, and comes back by itself', async () => {
  await connectWith('die', 'target')
  await expect(call('die')).rejects.toEqual(withCode('MCP_001'))
  await parts.untilState('changing', 'failed')
  expect(parts.server('changing')?.error).toMatchObject({ code: 'MCP_001', retryable: true })
  await expect(call('target', { text: 'hello' })).rejects.toEqual(withCode('MCP_001'))
  expect(parts.tools.approvedFor(['**'])).toStrictEqual([])
  await parts.untilState('changing', 'connected')
  expect(await call('target', { text: 'hello' })).toMatchObject({ isError: false })
  expect(parts.records('server.exit').map((record) => [record.resource, record.outcome, record.code])).toStrictEqual([
    ['Server changing', 'failed', 'MCP_001'],
  ])
})

test('a server that sends a message without end is cut off', async () => {
  await connectWith('flood')
  await expect(call('flood')).rejects.toThrow()
  await parts.untilState('changing', 'failed')
  expect(parts.server('changing')?.error?.code).toBe('MCP_001')
})

test('a server that sends garbage between its answers is borne, and its log tells', async () => {
  const { id } = await connectWith('garbage', 'target')
  expect(await call('garbage')).toMatchObject({ isError: false })
  expect(await call('target', { text: 'hello' })).toMatchObject({ isError: false })
  expect(parts.tools.serverLog(id).some((line) => line.startsWith('protocol error: '))).toBe(true)
})

test('one run may call many times with one signal', async () => {
  await connectWith('target')
  const { signal } = new AbortController()
  const warnings: string[] = []
  const note = (warning: Error) => warnings.push(warning.message)
  process.on('warning', note)
  for (let count = 0; count < 30; count += 1) await call('target', { text: 'hello' }, { signal })
  process.off('warning', note)
  expect(warnings).toStrictEqual([])
})

test('a tool that does not answer is given up', async () => {
  await connectWith('hang', 'target')
  await expect(call('hang')).rejects.toEqual(withCode('MCP_004'))
  expect(await call('target', { text: 'hello' })).toMatchObject({ isError: false })
})

test('a call ends when the run is stopped', async () => {
  await connectWith('hang')
  const stop = new AbortController()
  const calling = call('hang', {}, { signal: stop.signal })
  calling.catch(() => undefined)
  stop.abort()
  await expect(calling).rejects.toEqual(withCode('RUN_003'))
})

test('what a tool answers is passed on within limits', async () => {
  await connectWith('target', 'big', 'fail', 'refuse')
  expect(await call('target', { text: 'hello' })).toStrictEqual({
    content: [{ type: 'text', text: 'hello' }],
    structuredContent: { said: 'hello' },
    isError: false,
  })
  expect(await call('fail')).toStrictEqual({ content: [{ type: 'text', text: 'it did not work' }], isError: true })
  await expect(call('big')).rejects.toMatchObject({
    code: 'MCP_002',
    message: 'The tool answered with more than 1 MiB.',
  })
  await expect(call('refuse')).rejects.toMatchObject({
    code: 'MCP_002',
    message: expect.stringContaining('this tool refuses'),
  })
  expect(
    parts
      .records('tool.call')
      .map((record) => [record.outcome, record.code, record.details['toolReportsError'] ?? null]),
  ).toStrictEqual([
    ['success', null, false],
    ['success', null, true],
    ['failed', 'MCP_002', null],
    ['failed', 'MCP_002', null],
  ])
})

test('arguments that do not fit are refused before the server sees them', async () => {
  await connectWith('target')
  await expect(call('target', {})).rejects.toMatchObject({
    code: 'MCP_002',
    message: "The arguments do not fit the tool: / must have required property 'text'.",
  })
  await expect(call('target', { text: 7 })).rejects.toMatchObject({ details: { path: '/text' } })
  await expect(call('target', { text: 'x'.repeat(21) })).rejects.toEqual(withCode('MCP_002'))
  expect(await call('target', { text: 'x'.repeat(20) })).toMatchObject({ isError: false })
})

test('the policy decides over every call, and the mechanical checks come before it', async () => {
  await connectWith('target')
  await expect(call('target', { text: 'hello' }, { caller: agent('stranger') })).rejects.toEqual(withCode('POLICY_001'))
  const precondition = () => {
    throw new Error('not in the definition of the agent')
  }
  await expect(call('target', { text: 'hello' }, { precondition })).rejects.toEqual(withCode('SEC_001'))
  expect(parts.records('tool.call').map((record) => [record.outcome, record.code])).toStrictEqual([
    ['denied', 'POLICY_001'],
    ['denied', 'SEC_001'],
  ])
})

test('the record of a call holds its arguments, masked and cut', async () => {
  await connectWith('complain')
  parts.redactor.track('hunter2-canary')
  await call('complain', { word: 'with hunter2-canary in it', password: 'open sesame', long: 'y'.repeat(5000) })
  const [record] = parts.records('tool.call')
  expect(record?.details['arguments']).toStrictEqual([
    { argument: 'word', sizeBytes: 27, text: 'with [redacted] in it' },
    { argument: 'password', sizeBytes: 13, text: '[redacted]' },
    { argument: 'long', sizeBytes: 5002, text: `${'y'.repeat(1024)} (cut)` },
  ])
})

test('the log of a server holds its newest lines, masked', async () => {
  const { id } = await connectWith('complain')
  parts.redactor.track('hunter2-canary')
  await call('complain', { word: 'hunter2-canary' })
  await expect.poll(() => parts.tools.serverLog(id).at(-1)).toBe('line 250 [redacted]')
  expect(parts.tools.serverLog(id)).toHaveLength(200)
})

test('a server sees nothing of our environment but what it needs', async () => {
  await connectWith('environment')
  const result = await call('environment')
  const names =
    JSON.stringify(result.content)
      .match(/"text":"([^"]*)"/)?.[1]
      ?.split(',') ?? []
  expect(names).toContain('PATH')
  expect(names.filter((name) => !['PATH', 'HOME', 'LANG', 'TMPDIR'].includes(name))).toStrictEqual([])
})

test('names are taken once, and those of the console never', async () => {
  await connectWith()
  const add = (name: string) => parts.tools.addServer(byOperator, { name, command: process.execPath, args: silent })
  await expect(add('changing')).rejects.toEqual(withCode('MCP_003'))
  await expect(add('secrets')).rejects.toEqual(withCode('MCP_003'))
  expect(parts.tools.servers().map((server) => server.name)).toStrictEqual(['changing'])
})

test('an agent can neither add, remove nor reconnect a server', async () => {
  const { id } = await connectWith()
  const context = { caller: agent(), correlationId }
  const server = { name: 'mine', command: process.execPath, args: silent }
  await expect(parts.tools.addServer(context, server)).rejects.toEqual(withCode('SEC_001'))
  await expect(parts.tools.removeServer(context, id)).rejects.toEqual(withCode('SEC_001'))
  await expect(parts.tools.reconnectServer(context, id)).rejects.toEqual(withCode('SEC_001'))
  expect(parts.server('changing')?.state).toBe('connected')
})

test('a removed server is gone with its tools, and its process ends', async () => {
  const { id } = await connectWith('target')
  const changed: string[] = []
  parts.events.subscribe((event) => changed.push(event.topic))
  await parts.tools.removeServer(byOperator, id)
  expect(parts.tools.servers()).toStrictEqual([])
  expect(parts.tools.tools()).toStrictEqual([])
  expect(changed).toContain('servers.changed')
  expect(changed).toContain('tools.changed')
  await expect(call('target', { text: 'hello' })).rejects.toEqual(withCode('REVIEW_002'))
  await expect(parts.tools.removeServer(byOperator, id)).rejects.toEqual(withCode('MCP_003'))
  expect(() => parts.tools.serverLog(id)).toThrow(withCode('MCP_003'))
})

test('reconnecting starts the server afresh', async () => {
  const { id } = await connectWith('target')
  expect((await parts.tools.reconnectServer(byOperator, id)).state).toBe('connecting')
  await parts.untilState('changing', 'connected')
  expect(await call('target', { text: 'hello' })).toMatchObject({ isError: false })
  expect(parts.records('server.reconnect')).toHaveLength(1)
  expect(parts.records('server.connect')).toHaveLength(2)
})

test('a server that keeps failing is tried five times more, each time later, and then left alone', async () => {
  const clock = createManualClock()
  const own = createParts({ clock })
  await own.tools.addServer(byOperator, { name: 'short', command: process.execPath, args: ['-e', 'process.exit(1)'] })
  const attempts = () => own.records('server.connect').length
  await expect.poll(attempts, { timeout: 10_000 }).toBe(1)
  for (const [index, delayMs] of [1000, 2000, 4000, 8000, 16_000].entries()) {
    await own.untilState('short', 'failed')
    clock.advance(delayMs - 1)
    expect(own.server('short')?.state).toBe('failed')
    clock.advance(1)
    expect(own.server('short')?.state).toBe('connecting')
    await expect.poll(attempts, { timeout: 10_000 }).toBe(index + 2)
  }
  await own.untilState('short', 'failed')
  clock.advance(3_600_000)
  expect(own.server('short')?.state).toBe('failed')
  await own.close()
})
