import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answerOnce } from './answer-once'

const open = async () => {
  const sent: JSONRPCMessage[] = []
  const inner: Transport = {
    start: async () => undefined,
    send: async (message) => void sent.push(message),
    close: async () => undefined,
  }
  const outer = answerOnce(inner)
  const asked: JSONRPCMessage[] = []
  outer.onmessage = (message) => asked.push(message)
  await outer.start()
  return {
    sent,
    asked,
    arrives: (message: JSONRPCMessage) => inner.onmessage?.(message),
    answer: (id: number | string, text = `answer to ${id}`) =>
      outer.send({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } }),
  }
}
const request = (id: number | string): JSONRPCMessage => ({ jsonrpc: '2.0', id, method: 'tools/call', params: {} })
const answersTo = (sent: readonly JSONRPCMessage[], id: number | string) =>
  sent.filter((message) => 'id' in message && message.id === id)

it('hands each request on once, however often it arrives, and every arrival after the answer gets that answer', async () => {
  const Steps = fc.array(fc.record({ id: fc.integer({ min: 1, max: 6 }), isAnswer: fc.boolean() }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(Steps, async (steps) => {
      const { sent, asked, arrives, answer } = await open()
      const state = new Map<number, 'open' | 'answered'>()
      const expected: number[] = []
      for (const { id, isAnswer } of steps) {
        if (isAnswer) {
          if (state.get(id) !== 'open') continue
          state.set(id, 'answered')
          await answer(id)
          expected.push(id)
        } else {
          if (state.get(id) === undefined) state.set(id, 'open')
          else if (state.get(id) === 'answered') expected.push(id)
          arrives(request(id))
        }
      }
      expect(asked.map((message) => 'id' in message && message.id)).toEqual([...state.keys()])
      expect(sent.map((message) => 'id' in message && message.id)).toEqual(expected)
    }),
  )
})

it('knows a number from a text', async () => {
  const { asked, arrives } = await open()
  arrives(request(1))
  arrives(request('1'))
  expect(asked).toHaveLength(2)
})

it('says of an answer that is no longer kept that it is not, and asks nothing twice', async () => {
  const { sent, asked, arrives, answer } = await open()
  for (let id = 1; id <= 4; id += 1) {
    arrives(request(id))
    await answer(id, 'x'.repeat(300_000))
  }
  for (let id = 1; id <= 4; id += 1) arrives(request(id))
  expect(asked).toHaveLength(4)
  expect(answersTo(sent, 1)[1]).toMatchObject({ error: { message: expect.stringContaining('no longer kept') } })
  expect(answersTo(sent, 4)[1]).toEqual(answersTo(sent, 4)[0])
})

it('forgets a request that the agent called off', async () => {
  const { asked, arrives } = await open()
  arrives(request(1))
  arrives({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  arrives(request(2))
  expect(asked.map((message) => 'method' in message && message.method)).toEqual([
    'tools/call',
    'notifications/cancelled',
    'tools/call',
  ])
})
