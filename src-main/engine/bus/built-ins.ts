import { Guarantee, type Json, TopicName } from '@contract'
import { z } from 'zod'
import { RuntimeError } from '../core'
import type { Bus, BusAsking, Received } from './types'

/** A built-in of the gateway: what an agent calls, and what that does. */
export interface BuiltInTool {
  readonly tool: {
    readonly name: string
    readonly description: string
    readonly inputSchema: Readonly<Record<string, Json>>
  }
  readonly capability: 'messages'
  readonly call: (args: Readonly<Record<string, Json>>, signal: AbortSignal) => Promise<Json>
}

/** A run that takes part: who it is, and what its definition grants. */
export interface Participant {
  readonly asking: (signal: AbortSignal) => Omit<BusAsking, 'holds'>
  /** Throws unless the definition grants this resource. */
  readonly holds: (resource: string) => void
}

const MAX_WAIT_MS = 300_000
const carriage = {
  payload: z.json(),
  ttlMs: z.number().int().min(1).max(604_800_000).optional(),
  guarantee: Guarantee.optional(),
}
const To = z.string().min(1).max(100).describe('The id of an agent, or a name that no other agent has.')
const WaitMs = z.number().int().min(0).max(MAX_WAIT_MS)
const MessageIds = z.array(z.uuid()).min(1).max(1000)

const SendArgs = z.strictObject({ to: To, ...carriage, waitMs: WaitMs.optional() })
const PublishArgs = z.strictObject({ topic: TopicName, ...carriage })
const BroadcastArgs = z.strictObject(carriage)
const ReceiveArgs = z.strictObject({
  max: z.number().int().min(1).max(256).default(16),
  waitMs: WaitMs.default(0),
})
const AckArgs = z.strictObject({ ids: MessageIds })
const TopicArgs = z.strictObject({ topic: TopicName })
const RequestArgs = z.strictObject({
  to: To,
  payload: z.json(),
  timeoutMs: z.number().int().min(1).max(MAX_WAIT_MS).default(30_000),
})
const ReplyArgs = z.strictObject({ requestId: z.uuid(), payload: z.json() })

const parse = <T>(schema: z.ZodType<T>, args: unknown): T => {
  const result = schema.safeParse(args)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  // The path only: what was given could be the content of a message.
  throw new RuntimeError('IPC_001', `The arguments are not valid: ${issue?.path.join('.') ?? ''}`.trim())
}

const schemaOf = (schema: z.ZodType): Readonly<Record<string, Json>> =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as Record<string, Json>

const toBytes = (payload: Json): Buffer => Buffer.from(JSON.stringify(payload), 'utf8')

const fromBytes = (payload: Buffer): Json => {
  try {
    return JSON.parse(payload.toString('utf8')) as Json
  } catch {
    return payload.toString('base64')
  }
}

const shown = ({ payload, from, ...message }: Received): Json => ({
  ...message,
  from: { id: from.id, name: from.name, kind: from.kind },
  payload: fromBytes(payload),
})

type Entry<T> = {
  readonly description: string
  readonly schema: z.ZodType<T>
  readonly call: (bus: Bus, asking: BusAsking, args: T) => Promise<Json>
}
const entry = <T>(spec: Entry<T>) => ({
  description: spec.description,
  inputSchema: schemaOf(spec.schema),
  call: (bus: Bus, asking: BusAsking, args: unknown) => spec.call(bus, asking, parse(spec.schema, args)),
})

/** Made when they are first asked for: the schemas cost a millisecond each and never change. */
const makeTools = () => ({
  'bus.send': entry({
    description: 'Send a message to one agent. It is sealed, signed and kept until it is read or expires.',
    schema: SendArgs,
    call: async (bus, asking, { payload, ...letter }) => ({
      ...(await bus.send(asking, { ...letter, payload: toBytes(payload) })),
    }),
  }),
  'bus.receive': entry({
    description: 'Get the messages that wait for this agent, in order; wait for one when there is none.',
    schema: ReceiveArgs,
    call: async (bus, asking, options) => ({ messages: (await bus.receive(asking, options)).map(shown) }),
  }),
  'bus.ack': entry({
    description: 'Say that messages were dealt with, so that they are not handed over again.',
    schema: AckArgs,
    call: async (bus, asking, { ids }) => ({ acknowledged: await bus.acknowledge(asking, ids) }),
  }),
  'bus.subscribe': entry({
    description: 'Listen to a topic from now on, in later runs too.',
    schema: TopicArgs,
    call: async (bus, asking, { topic }) => ({ added: await bus.subscribe(asking, topic) }),
  }),
  'bus.unsubscribe': entry({
    description: 'Stop listening to a topic.',
    schema: TopicArgs,
    call: async (bus, asking, { topic }) => ({ removed: await bus.unsubscribe(asking, topic) }),
  }),
  'bus.publish': entry({
    description: 'Send a message to all who listen to a topic.',
    schema: PublishArgs,
    call: async (bus, asking, { payload, ...letter }) => ({
      ...(await bus.publish(asking, { ...letter, payload: toBytes(payload) })),
    }),
  }),
  'bus.broadcast': entry({
    description: 'Send a message to every other agent that takes part in messages.',
    schema: BroadcastArgs,
    call: async (bus, asking, { payload, ...letter }) => ({
      ...(await bus.broadcast(asking, { ...letter, payload: toBytes(payload) })),
    }),
  }),
  'bus.request': entry({
    description: 'Send a message to one agent and wait for its answer.',
    schema: RequestArgs,
    call: async (bus, asking, { payload, ...letter }) =>
      shown(await bus.request(asking, { ...letter, payload: toBytes(payload) })),
  }),
  'bus.reply': entry({
    description: 'Answer a request that this agent received.',
    schema: ReplyArgs,
    call: async (bus, asking, { payload, requestId }) => ({
      ...(await bus.reply(asking, { requestId, payload: toBytes(payload) })),
    }),
  }),
})
let tools: ReturnType<typeof makeTools> | null = null

/** What a run that takes part can call. Each call passes the gate. */
export const busTools = (bus: Bus, { asking, holds }: Participant): BuiltInTool[] => {
  tools ??= makeTools()
  return Object.entries(tools).map(([name, { description, inputSchema, call }]) => ({
    tool: { name, description, inputSchema },
    capability: 'messages',
    call: (args, signal) => call(bus, { ...asking(signal), holds }, args),
  }))
}
