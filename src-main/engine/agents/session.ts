import type { AgentDefinition, Capability, CorrelationId, ErrorCode, ExecutionId, Json } from '@contract'
import { z } from 'zod'
import type { WaitHooks } from '../approvals'
import type { Bus } from '../bus'
import { asRuntimeError, type Caller, type Redactor, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { GatewayResult, GatewaySession, GatewayTool } from '../gateway'
import { compileGlob } from '../policy'
import type { Secrets } from '../secrets'
import type { Store } from '../store'
import type { Tools } from '../tools'
import type { OpenLog } from './execution-log'
import type { AgentMemory } from './memory'

/** How the program said that it ended. */
export type Completion =
  | { readonly kind: 'output'; readonly output: Json }
  | { readonly kind: 'error'; readonly message: string; readonly code: ErrorCode | null }

export interface SessionPorts {
  readonly gate: Gate
  readonly store: Store
  readonly memory: AgentMemory
  /** Each call passes the gate inside. */
  readonly tools: Pick<Tools, 'approvedFor' | 'call'>
  /** Each read passes the gate inside. */
  readonly secrets: Pick<Secrets, 'readForAgent'>
  /** Each call passes the gate inside. */
  readonly bus: Pick<Bus, 'toolsFor' | 'release'>
  readonly redactor: Redactor
}

export interface SessionOptions {
  readonly caller: Extract<Caller, { kind: 'agent' }>
  readonly executionId: ExecutionId
  readonly correlationId: CorrelationId
  readonly definition: AgentDefinition
  readonly log: OpenLog
  readonly onCompletion: (completion: Completion) => void
  /** What changes while a call waits for a person. */
  readonly wait: WaitHooks
}

export interface RunSession extends GatewaySession {
  /** The run is ending: whoever is asked about it need not decide any more. */
  callOff(reason: string): void
  /** Forget what was tracked for this run. */
  close(): void
}

interface BuiltIn {
  readonly tool: GatewayTool
  readonly capability: Capability | null
  readonly call: (args: Readonly<Record<string, Json>>, signal: AbortSignal) => Promise<Json>
}

const Level = z.enum(['debug', 'info', 'warn', 'error'])
const LogArgs = z.strictObject({
  level: Level.default('info'),
  text: z.string().max(65_536),
  facts: z.record(z.string(), z.json()).optional(),
})
const KeyArgs = z.strictObject({ key: z.string() })
const PutArgs = z.strictObject({ key: z.string(), value: z.json() })
const NameArgs = z.strictObject({ name: z.string().max(200) })
const CompleteArgs = z.union([
  z.strictObject({ output: z.json() }),
  z.strictObject({ error: z.strictObject({ message: z.string().max(8192), code: z.string().max(40).optional() }) }),
])

const parse = <T>(schema: z.ZodType<T>, args: unknown): T => {
  const result = schema.safeParse(args)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new RuntimeError(
    'IPC_001',
    `The arguments are not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  )
}

const schemaOf = (schema: z.ZodType): Record<string, Json> => {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))
  return JSON.parse(text) as Record<string, Json>
}

/** The schemas never change; making them costs a millisecond each. */
const SCHEMAS = {
  log: schemaOf(LogArgs),
  key: schemaOf(KeyArgs),
  put: schemaOf(PutArgs),
  name: schemaOf(NameArgs),
  complete: { type: 'object', properties: { output: {}, error: { type: 'object' } } } as Record<string, Json>,
}

/**
 * What one running agent may see and do. Identity, tier and grants come from its execution; each call passes the gate.
 * The grants of its definition are mechanical: no policy can widen them.
 */
export const createSession = (ports: SessionPorts, options: SessionOptions): RunSession => {
  const { gate, store, memory, tools, secrets, bus, redactor } = ports
  const { caller, correlationId, definition, log } = options
  const untrack: (() => void)[] = []
  /** Codes that this run was told; a program cannot end with one that nobody gave it. */
  const told = new Set<ErrorCode>()

  const holds = (capability: Capability): void => {
    if (!definition.capabilities.includes(capability))
      throw new RuntimeError('SEC_001', `The definition of this agent does not grant "${capability}".`, {
        nextStep: 'Edit the agent and grant the capability, if it should have it.',
      })
  }
  const holdsGlob = (capability: 'tools' | 'secrets' | 'messages', name: string): void => {
    holds(capability)
    if (!definition[capability].some((glob) => compileGlob(glob)(name)))
      throw new RuntimeError(
        'SEC_001',
        `The definition of this agent does not name "${name}" among its ${capability}.`,
        {
          nextStep: `Edit the agent and add it to the allowed ${capability}, if it should have it.`,
        },
      )
  }
  const over = new AbortController()
  /** What every request of this run has in common. */
  const asking = (signal: AbortSignal) => ({
    caller,
    correlationId,
    tier: definition.securityTier,
    facts: {
      capabilities: definition.capabilities,
      labels: Object.entries(definition.metadata).map(([name, value]) => `${name}=${value}`),
    },
    wait: options.wait,
    signal: AbortSignal.any([signal, over.signal]),
  })

  const builtIns: readonly BuiltIn[] = [
    {
      tool: { name: 'log', description: 'Write a line to the log of this run.', inputSchema: SCHEMAS.log },
      capability: null,
      call: (args, signal) => {
        const { level, text, facts } = parse(LogArgs, args)
        const line = facts === undefined ? text : `${text} ${JSON.stringify(redactor.value(facts))}`
        return gate.perform(
          { ...asking(signal), action: 'run.log', resource: 'self', arguments: { level, line }, record: 'refusals' },
          async () => {
            await log.append([{ source: 'agent', level, text: line }])
            return null
          },
        )
      },
    },
    {
      tool: {
        name: 'run.complete',
        description: 'Give the output of this run, or say why it failed.',
        inputSchema: SCHEMAS.complete,
      },
      capability: null,
      call: (args, signal) => {
        const completion = parse(CompleteArgs, args)
        return gate.perform(
          {
            ...asking(signal),
            action: 'run.complete',
            resource: 'self',
            arguments: args,
            details: { failed: 'error' in completion },
          },
          async () => {
            options.onCompletion(
              'error' in completion
                ? {
                    kind: 'error',
                    message: completion.error.message,
                    code: [...told].find((code) => code === completion.error.code) ?? null,
                  }
                : { kind: 'output', output: completion.output },
            )
            return null
          },
        )
      },
    },
    {
      tool: {
        name: 'memory.get',
        description: 'Read what this agent remembers under a key; null when there is nothing.',
        inputSchema: SCHEMAS.key,
      },
      capability: 'memory',
      call: (args, signal) => {
        const { key } = parse(KeyArgs, args)
        return gate.perform(
          {
            ...asking(signal),
            action: 'memory.get',
            resource: `self/${key}`,
            arguments: { key },
            precondition: () => holds('memory'),
          },
          async () => ({ value: memory.get(store, caller.id, key) }),
        )
      },
    },
    {
      tool: {
        name: 'memory.put',
        description: 'Remember a JSON value under a key, for this agent only.',
        inputSchema: SCHEMAS.put,
      },
      capability: 'memory',
      call: (args, signal) => {
        const entry = parse(PutArgs, args)
        const bytes = Buffer.byteLength(JSON.stringify(entry.value))
        return gate.commit<Json>(
          {
            ...asking(signal),
            action: 'memory.put',
            resource: `self/${entry.key}`,
            arguments: { key: entry.key, content: entry.value },
            bytes,
            details: { bytes },
            precondition: () => holds('memory'),
          },
          (tx) => {
            memory.put(tx, caller.id, entry)
            return null
          },
        )
      },
    },
    {
      tool: { name: 'secrets.get', description: 'Read a secret that this agent may use.', inputSchema: SCHEMAS.name },
      capability: 'secrets',
      call: async (args, signal) => {
        const { name } = parse(NameArgs, args)
        // Whatever the program prints from now on, the value is masked in its log until the run ends.
        const secret = await secrets.readForAgent(
          {
            ...asking(signal),
            precondition: () => holdsGlob('secrets', name),
            onMasked: (unmask) => untrack.push(unmask),
          },
          name,
        )
        return { value: secret.expose() }
      },
    },
    ...bus.toolsFor({
      asking,
      holds: (resource) => (resource === 'self' ? holds('messages') : holdsGlob('messages', resource)),
    }),
  ]

  const run = async (name: string, args: Readonly<Record<string, Json>>, signal: AbortSignal): Promise<Json> => {
    const builtIn = builtIns.find((entry) => entry.tool.name === name)
    if (builtIn !== undefined) return builtIn.call(args, signal)
    await log.append([{ source: 'gateway', level: 'info', text: `calls ${name}` }])
    const { content, structuredContent, isError } = await tools.call(
      { ...asking(signal), precondition: () => holdsGlob('tools', name) },
      name,
      args,
    )
    return { content, isError, ...(structuredContent === undefined ? {} : { structuredContent }) }
  }

  return {
    async tools() {
      const granted = builtIns.filter(
        (entry) => entry.capability === null || definition.capabilities.includes(entry.capability),
      )
      const external = definition.capabilities.includes('tools') ? tools.approvedFor(definition.tools) : []
      return [...granted.map((entry) => entry.tool), ...external]
    },

    async call(name, args, signal): Promise<GatewayResult> {
      try {
        return { ok: true, value: await run(name, args, signal) }
      } catch (cause) {
        const error = asRuntimeError(cause, 'INTERNAL_001', 'Something unexpected went wrong')
        told.add(error.code)
        await log.append([
          { source: 'gateway', level: 'warn', text: `${name} refused or failed: ${error.code} ${error.message}` },
        ])
        return { ok: false, error }
      }
    },

    callOff(reason) {
      over.abort(new RuntimeError('RUN_003', reason))
    },

    close() {
      over.abort(new RuntimeError('RUN_003', 'The run that asked has ended.'))
      bus.release(caller.id, options.executionId)
      for (const forget of untrack.splice(0)) forget()
    },
  }
}
