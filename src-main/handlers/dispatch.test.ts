import { type Channel, calls, type StreamName, streams } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type Caller, createIds, type Log, RuntimeError, type Source, silentLog, systemClock } from '../engine/core'
import { createDispatcher } from './dispatch'
import type { Handlers, StreamHandlers } from './types'

const CHANNELS = Object.keys(calls) as Channel[]
const STREAMS = Object.keys(streams) as StreamName[]
const everyScope = new Set([...Object.values(calls), ...Object.values(streams)].map(({ scope }) => scope))
const operator: Caller = { kind: 'operator', id: 'desktop', scopes: everyScope }

const setUp = (
  options: { answer?: (input: unknown) => unknown; source?: Source<unknown>; checkOutput?: boolean } = {},
) => {
  const reached = vi.fn()
  const lines: { facts: unknown; message: string }[] = []
  const keep = (facts: unknown, message: string): void => void lines.push({ facts, message })
  const log: Log = { ...silentLog, warn: keep, error: keep, child: () => log }
  const handle = async (input: unknown, context: unknown): Promise<unknown> => {
    reached(input, context)
    return options.answer?.(input)
  }
  const open = async (): Promise<Source<unknown>> => options.source ?? (() => () => undefined)
  const dispatcher = createDispatcher({
    handlers: Object.fromEntries(CHANNELS.map((channel) => [channel, handle])) as unknown as Handlers,
    streams: Object.fromEntries(STREAMS.map((name) => [name, open])) as unknown as StreamHandlers,
    newId: createIds(systemClock),
    log,
    checkOutput: options.checkOutput ?? false,
  })
  return { dispatcher, reached, lines }
}

describe('a call', () => {
  it('reaches its handler with the parsed input and a correlation id, and answers with the value', async () => {
    const { dispatcher, reached } = setUp({ answer: () => ({ theme: 'dark' }) })
    expect(await dispatcher.call('settings.set', { theme: 'dark' }, operator)).toEqual({
      ok: true,
      value: { theme: 'dark' },
    })
    expect(reached).toHaveBeenCalledExactlyOnceWith(
      { theme: 'dark' },
      { caller: operator, correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    )
  })

  it.each(['agents.explode', '__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'named %j does not exist',
    async (channel) => {
      const { dispatcher, reached } = setUp()
      expect(await dispatcher.call(channel, {}, operator)).toMatchObject({ ok: false, error: { code: 'IPC_002' } })
      expect(reached).not.toHaveBeenCalled()
    },
  )

  it('with an unknown name repeats at most eighty of its characters and none that control a terminal', async () => {
    const { dispatcher } = setUp()
    const reply = await dispatcher.call(`\u001b[2J\n${'x'.repeat(5000)}`, {}, operator)
    expect(reply).toMatchObject({ ok: false, error: { code: 'IPC_002' } })
    expect(JSON.stringify(reply).length).toBeLessThan(300)
    expect(JSON.stringify(reply)).not.toMatch(/\\u001b|\\n/)
  })

  it('names the fields that are wrong, and not what stood in them', async () => {
    const { dispatcher, reached, lines } = setUp()
    const input = { name: 'app/key', value: 42, description: 'hunter2-canary', extra: 'hunter2-canary' }
    const reply = await dispatcher.call('secrets.create', input, operator)
    expect(reply).toMatchObject({
      ok: false,
      error: {
        code: 'IPC_001',
        details: { issues: expect.arrayContaining([expect.objectContaining({ path: 'value' })]) },
      },
    })
    expect(JSON.stringify([reply, lines])).not.toContain('hunter2-canary')
    expect(reached).not.toHaveBeenCalled()
  })

  it.each(CHANNELS)('%s refuses every input that its schema does not know, before its handler', async (channel) => {
    const { dispatcher, reached } = setUp()
    const strange = fc.oneof(fc.anything(), fc.object(), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(strange, async (input) => {
        fc.pre(!calls[channel].input.safeParse(input).success)
        const reply = await dispatcher.call(channel, input, operator)
        expect(reply).toMatchObject({ ok: false, error: { code: 'IPC_001' } })
      }),
      { numRuns: 40 },
    )
    expect(await dispatcher.call(channel, { unexpected: true }, operator)).toMatchObject({ error: { code: 'IPC_001' } })
    expect(reached).not.toHaveBeenCalled()
    expect(Object.prototype).not.toHaveProperty('unexpected')
  })

  it.each(CHANNELS)('%s asks for its scope before it looks at the input', async (channel) => {
    const { dispatcher, reached } = setUp()
    const others = new Set(everyScope)
    others.delete(calls[channel].scope)
    const callers: Caller[] = [
      { kind: 'operator', id: 'desktop', scopes: others },
      { kind: 'cli', id: 'cli', scopes: new Set() },
    ]
    for (const caller of callers)
      expect(await dispatcher.call(channel, { unexpected: true }, caller)).toMatchObject({ error: { code: 'SEC_001' } })
    expect(reached).not.toHaveBeenCalled()
  })

  it('carries an error of ours with its code, and nothing of any other', async () => {
    const ours = setUp({
      answer: () => {
        throw new RuntimeError('AGENT_001', 'There is no such agent.')
      },
    })
    expect(await ours.dispatcher.call('agents.templates', {}, operator)).toMatchObject({
      ok: false,
      error: { code: 'AGENT_001', message: 'There is no such agent.' },
    })
    const foreign = setUp({
      answer: () => {
        throw new Error('ENOENT: /root/.ssh/id_ed25519')
      },
    })
    const reply = await foreign.dispatcher.call('agents.templates', {}, operator)
    expect(reply).toMatchObject({ ok: false, error: { code: 'INTERNAL_001' } })
    expect(JSON.stringify(reply)).not.toContain('id_ed25519')
    expect(foreign.lines).toEqual([
      { message: 'request failed unexpectedly', facts: expect.objectContaining({ correlationId: expect.any(String) }) },
    ])
  })

  it('that breaks the contract in its answer fails where answers are checked', async () => {
    const answer = (): unknown => ({ theme: 'pink' })
    const strict = setUp({ answer, checkOutput: true })
    expect(await strict.dispatcher.call('settings.get', {}, operator)).toMatchObject({
      error: { code: 'INTERNAL_001' },
    })
    const lenient = setUp({ answer, checkOutput: false })
    expect(await lenient.dispatcher.call('settings.get', {}, operator)).toMatchObject({ ok: true })
  })
})

describe('a stream', () => {
  const input = { id: '0199a1b2-0000-7000-8000-000000000000', afterSeq: -1 }
  const line = { seq: 0, atMs: 1, source: 'agent', level: 'info', text: 'hello' }

  const collect = (source: Source<unknown>) => {
    const items: unknown[] = []
    const ends: unknown[] = []
    source({ emit: (some) => items.push(...some), end: (error) => ends.push(error) })
    return { items, ends }
  }
  const opened = async (source: Source<unknown>): Promise<Source<unknown>> => {
    const reply = await setUp({ source, checkOutput: true }).dispatcher.open('executions.tail', input, operator)
    return reply.ok ? reply.value : () => () => undefined
  }

  it('opens with a valid input and carries items that keep the contract', async () => {
    const source: Source<unknown> = (sink) => {
      sink.emit([line])
      sink.end()
      return () => undefined
    }
    expect(collect(await opened(source))).toEqual({ items: [line], ends: [undefined] })
  })

  it('ends at the first item that breaks the contract, once, and stops its source', async () => {
    const stopped = vi.fn()
    const source: Source<unknown> = (sink) => {
      sink.emit([line])
      sink.emit([{ ...line, level: 'shout' }])
      sink.emit([line])
      sink.end()
      return stopped
    }
    expect(collect(await opened(source))).toEqual({ items: [line], ends: [expect.any(Error)] })
    expect(stopped).toHaveBeenCalledOnce()
  })

  it.each(['executions.nothing', '__proto__', 'constructor'])('named %j does not exist', async (name) => {
    expect(await setUp().dispatcher.open(name, input, operator)).toMatchObject({ error: { code: 'IPC_002' } })
  })

  it.each(STREAMS)('%s refuses a wrong input and a caller without its scope', async (name) => {
    const { dispatcher } = setUp()
    expect(await dispatcher.open(name, { id: 7 }, operator)).toMatchObject({ error: { code: 'IPC_001' } })
    const nobody: Caller = { kind: 'cli', id: 'cli', scopes: new Set() }
    expect(await dispatcher.open(name, input, nobody)).toMatchObject({ error: { code: 'SEC_001' } })
  })
})
