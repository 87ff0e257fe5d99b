import { PassThrough } from 'node:stream'
import type { Json } from '@contract'
import { describe, expect, it } from 'vitest'
import { RuntimeError, silentLog } from '../core'
import { type ServeAgentOptions, serveAgent } from './serve-agent'
import type { GatewayResult, GatewaySession } from './types'

type Call = { readonly name: string; readonly args: Readonly<Record<string, Json>>; readonly signal: AbortSignal }
type Message = {
  readonly id?: number
  readonly method?: string
  readonly result?: Record<string, Json>
  readonly error?: { readonly code: number }
}

const PUT_TOOL = { name: 'memory.put', description: 'Keep a value.', inputSchema: { type: 'object', properties: {} } }

const ok = (value: Json): GatewayResult => ({ ok: true, value })

const connect = (answer: (call: Call) => Promise<GatewayResult>, options: Partial<ServeAgentOptions> = {}) => {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const calls: Call[] = []
  const faults: string[] = []
  const messages: Message[] = []
  let carry = ''
  stdin.on('data', (chunk: Buffer) => {
    const lines = (carry + chunk.toString('utf8')).split('\n')
    carry = lines.pop() ?? ''
    for (const line of lines) messages.push(JSON.parse(line))
  })
  const session: GatewaySession = {
    tools: async () => [PUT_TOOL],
    call(name, args, signal) {
      const call = { name, args, signal }
      calls.push(call)
      return answer(call)
    },
  }
  const connection = serveAgent({ stdin, stdout }, session, {
    log: silentLog,
    onFault: (sentence) => faults.push(sentence),
    ...options,
  })
  const send = (message: object): boolean => stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const answerTo = async (id: number): Promise<Message> => {
    await seen(() => messages.some((message) => message.id === id))
    return messages.find((message) => message.id === id) ?? {}
  }
  const shakeHands = async (): Promise<void> => {
    const clientInfo = { name: 'test', version: '0' }
    send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
    await answerTo(0)
    send({ method: 'notifications/initialized' })
    await connection.ready
  }
  const call = (id: number, name: string, args: object = {}): boolean =>
    send({ id, method: 'tools/call', params: { name, arguments: args } })
  return { stdin, stdout, calls, faults, messages, connection, send, call, answerTo, shakeHands }
}

const seen = async (condition: () => boolean): Promise<void> => {
  const untilMs = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error('waited in vain')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('the gateway', () => {
  it('lists the session’s tools', async () => {
    const agent = connect(async () => ok(null))
    await agent.shakeHands()
    agent.send({ id: 1, method: 'tools/list' })
    expect((await agent.answerTo(1)).result).toEqual({ tools: [PUT_TOOL] })
  })

  it('hands a call to the session and its value back', async () => {
    const agent = connect(async () => ok({ kept: true }))
    await agent.shakeHands()
    agent.call(1, 'memory.put', { key: 'a', value: [1, null] })
    expect((await agent.answerTo(1)).result).toEqual({
      content: [{ type: 'text', text: '{"kept":true}' }],
      structuredContent: { value: { kept: true } },
      isError: false,
    })
    expect(agent.calls).toMatchObject([{ name: 'memory.put', args: { key: 'a', value: [1, null] } }])
  })

  it('tells a refusal with its code and next step', async () => {
    const agent = connect(async () => ({ ok: false, error: new RuntimeError('POLICY_001', 'No rule allows this.') }))
    await agent.shakeHands()
    agent.call(1, 'memory.put')
    const { result } = await agent.answerTo(1)
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { code: 'POLICY_001', message: 'No rule allows this.', nextStep: expect.any(String) },
    })
  })

  it('says nothing of an error that is not ours', async () => {
    const agent = connect(() => Promise.reject(new Error('password is hunter2')))
    await agent.shakeHands()
    agent.call(1, 'memory.put')
    const { result } = await agent.answerTo(1)
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'INTERNAL_001' } })
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('calls a call off when the agent does', async () => {
    const agent = connect(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok(null)))),
    )
    await agent.shakeHands()
    agent.call(1, 'slow')
    await seen(() => agent.calls.length === 1)
    expect(agent.calls[0]?.signal.aborted).toBe(false)
    agent.send({ method: 'notifications/cancelled', params: { requestId: 1 } })
    await seen(() => agent.calls[0]?.signal.aborted === true)
  })

  it('calls open calls off when the agent is gone', async () => {
    const agent = connect(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok(null)))),
    )
    await agent.shakeHands()
    agent.call(1, 'slow')
    await seen(() => agent.calls.length === 1)
    agent.stdout.end()
    await seen(() => agent.calls[0]?.signal.aborted === true)
  })

  it('drops what is not a message, tells about it and goes on', async () => {
    const agent = connect(async () => ok(1))
    await agent.shakeHands()
    agent.stdout.write('Debug: \u001b[31mstarting\n\n{"half": \n{"jsonrpc":"2.0","nonsense":true}\n[]\n')
    agent.call(1, 'memory.put')
    expect((await agent.answerTo(1)).result).toMatchObject({ isError: false })
    expect(agent.faults).toHaveLength(4)
    expect(agent.faults[0]).toContain('Debug:  [31mstarting')
  })

  it('logs a flood of faults only at its beginning', async () => {
    const agent = connect(async () => ok(1))
    await agent.shakeHands()
    agent.stdout.write('noise\n'.repeat(500))
    agent.call(1, 'memory.put')
    await agent.answerTo(1)
    expect(agent.faults).toHaveLength(21)
  })

  it('closes on a message that is too long, and not on one that just fits', async () => {
    const agent = connect(async () => ok('x'), { maxMessageBytes: 4_096 })
    await agent.shakeHands()
    const frame = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: '' } }).length
    agent.call(1, 'n'.repeat(4_096 - frame - ',"arguments":{}'.length))
    expect((await agent.answerTo(1)).result).toMatchObject({ isError: false })
    for (let part = 0; part < 5; part++) agent.stdout.write('x'.repeat(1_000))
    await seen(() => agent.stdin.writableEnded)
    expect(agent.faults).toEqual([expect.stringContaining('more than 4096 bytes')])
  })

  it('refuses more open calls than allowed and takes new ones after', async () => {
    const waiting: ((result: GatewayResult) => void)[] = []
    const agent = connect(() => new Promise((resolve) => waiting.push(resolve)), { maxOpenCalls: 2 })
    await agent.shakeHands()
    for (const id of [1, 2, 3]) agent.call(id, 'slow')
    expect((await agent.answerTo(3)).result).toMatchObject({ structuredContent: { code: 'RESOURCE_001' } })
    for (const resolve of waiting.splice(0)) resolve(ok(null))
    await agent.answerTo(2)
    agent.call(4, 'slow')
    await seen(() => waiting.length === 1)
  })

  it('reads no further while the agent does not read its answers', async () => {
    const stdin = new PassThrough({ highWaterMark: 1_024 })
    const stdout = new PassThrough({ highWaterMark: 1_024 })
    let answered = 0
    const session: GatewaySession = {
      tools: async () => [],
      async call() {
        answered += 1
        return ok('y'.repeat(2_000))
      },
    }
    const connection = serveAgent({ stdin, stdout }, session, { log: silentLog })
    const send = (message: object): Promise<void> =>
      new Promise((resolve) => {
        const line = `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`
        if (stdout.write(line)) resolve()
        else stdout.once('drain', () => resolve())
      })
    const clientInfo = { name: 'deaf', version: '0' }
    await send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
    await send({ method: 'notifications/initialized' })
    await connection.ready
    let sent = 0
    const flood = (async () => {
      for (let id = 1; id <= 200; id++) {
        await send({ id, method: 'tools/call', params: { name: 'echo', arguments: {} } })
        sent = id
      }
    })()
    await seen(() => stdin.writableNeedDrain)
    const settled = answered
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBeLessThan(settled + 30)
    expect(sent).toBeLessThan(200)
    stdin.resume()
    await flood
    await seen(() => answered === 200)
  })

  it('tells the agent that its tools changed, and nothing once it is closed', async () => {
    const agent = connect(async () => ok(null))
    await agent.shakeHands()
    await agent.connection.toolsChanged()
    await seen(() => agent.messages.some((message) => message.method === 'notifications/tools/list_changed'))
    await agent.connection.close()
    await agent.connection.close()
    await agent.connection.toolsChanged()
    expect(agent.stdin.writableEnded).toBe(true)
  })

  it('answers an unknown method with an error and goes on', async () => {
    const agent = connect(async () => ok(null))
    await agent.shakeHands()
    agent.send({ id: 1, method: 'resources/list' })
    expect((await agent.answerTo(1)).error?.code).toBe(-32601)
    agent.send({ id: 2, method: 'ping' })
    expect((await agent.answerTo(2)).result).toEqual({})
  })
})
