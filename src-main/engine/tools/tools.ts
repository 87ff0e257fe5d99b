import type {
  CorrelationId,
  Json,
  SecurityTier,
  ServerId,
  Tool,
  ToolDetail,
  ToolId,
  ToolServer,
  ToolStatus,
} from '@contract'
import { type Caller, RuntimeError } from '../core'
import type { GateRequest } from '../gate'
import { compileGlob } from '../policy'
import type { Store, Tx } from '../store'
import { createArgumentCheck } from './arguments'
import { createCatalogue, type Decision, type ServerEntry, type ToolEntry } from './catalogue'
import type { ToolResult } from './connection'
import { claimsToDestroy, descriptionOf, inputSchemaOf, type JsonObject } from './definition'
import { callServer, type ServerCallPorts } from './server-call'
import { createServerRunner, type RunnerPorts, type ServerRunner } from './server-runner'

interface ToolsContext {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

/** A running agent that calls a tool. */
export interface ToolCallContext extends ToolsContext, Pick<GateRequest, 'facts' | 'wait'> {
  readonly tier: SecurityTier
  /** Mechanical checks before the policy, such as the tools of the agent's definition. Throw to refuse. */
  readonly precondition?: () => void
  readonly signal: AbortSignal
}

/** A tool that may be called, as an agent sees it. The texts are the server's own, as they were approved. */
interface CallableTool {
  /** `server.tool` */
  readonly name: string
  readonly description: string
  readonly inputSchema: Readonly<Record<string, Json>>
}

export interface Tools {
  servers(): ToolServer[]
  /** Answers while the server still starts. @throws MCP_003 when the name is taken or reserved, POLICY_001, SEC_001 */
  addServer(
    context: ToolsContext,
    server: { readonly name: string; readonly command: string; readonly args: readonly string[] },
  ): Promise<ToolServer>
  /** Ends the server and forgets its tools and their decisions. @throws MCP_003, POLICY_001, SEC_001 */
  removeServer(context: ToolsContext, id: ServerId): Promise<void>
  /** Answers while the server still starts. @throws MCP_003, POLICY_001, SEC_001 */
  reconnectServer(context: ToolsContext, id: ServerId): Promise<ToolServer>
  /** The newest 200 lines of its standard error, redacted. @throws MCP_003 */
  serverLog(id: ServerId): string[]
  tools(filter?: { readonly status?: readonly ToolStatus[] | undefined }): Tool[]
  /** @throws REVIEW_002 */
  tool(id: ToolId): ToolDetail
  /** What may be called right now of the tools that the globs name, such as `files.*`. */
  approvedFor(globs: readonly string[]): CallableTool[]
  /**
   * Call a tool through the gate.
   *
   * @throws REVIEW_002 unknown, REVIEW_001 not approved, SCHEMA_001 changed since, POLICY_001, MCP_001 not connected,
   *   MCP_002 arguments or answer not acceptable, MCP_004 no answer in time, RUN_003 stopped, RECOVERY_001 while the
   *   tool is left alone because it failed too often
   */
  call(context: ToolCallContext, qualifiedName: string, args: JsonObject): Promise<ToolResult>
  /** For the review area: write a decision within its transaction. @throws REVIEW_002, REVIEW_003 */
  recordDecision(tx: Tx, decision: Decision): Tool
  /** Connect the stored servers, in the background. */
  start(): void
  close(): Promise<void>
}

interface ToolsPorts extends Omit<RunnerPorts, 'catalogue'>, ServerCallPorts {
  readonly store: Store
}

/** Names of the engine's own tools: a server of that name could pass its tools off as them. */
const RESERVED = new Set([
  'agents',
  'audit',
  'bus',
  'context',
  'engine',
  'gateway',
  'knowledge',
  'log',
  'memory',
  'rag',
  'secrets',
  'self',
  'symbi',
  'tools',
])

const MAX_NAME_IN_RECORD = 200

/** @throws REVIEW_001 or SCHEMA_001 that says why the tool may not be called */
const requireApproved = (entry: ToolEntry | undefined, qualifiedName: string): ToolEntry => {
  const name = qualifiedName.slice(0, MAX_NAME_IN_RECORD)
  if (entry === undefined) throw new RuntimeError('REVIEW_002', `There is no tool named ${name}.`)
  switch (entry.status) {
    case 'approved':
      return entry
    case 'pending':
      throw new RuntimeError('REVIEW_001', `Nobody has approved ${name} yet.`)
    case 'rejected':
      throw new RuntimeError('REVIEW_001', `${name} was rejected: ${entry.decidedReason ?? 'no reason given'}`)
    case 'changed':
      throw new RuntimeError('SCHEMA_001', `The definition of ${name} is not the one that was decided on.`)
    case 'gone':
      throw new RuntimeError('SCHEMA_001', `The server no longer offers ${name}.`)
  }
}

const refuseAgents = (caller: Caller): void => {
  if (caller.kind === 'agent') throw new RuntimeError('SEC_001', 'An agent may not change the tool servers.')
}

export const createTools = (ports: ToolsPorts): Tools => {
  const { gate, clock, newId } = ports
  const catalogue = createCatalogue(ports)
  const argumentCheck = createArgumentCheck()
  const runners = new Map<ServerId, ServerRunner>()
  let closed = false

  const runnerOf = (server: ServerEntry): ServerRunner => {
    const known = runners.get(server.id)
    if (known !== undefined) return known
    const made = createServerRunner({ ...ports, catalogue }, server)
    runners.set(server.id, made)
    return made
  }

  const start = (server: ServerEntry, correlationId: CorrelationId): void => {
    if (!closed) runnerOf(server).restart(correlationId)
  }

  const view = (server: ServerEntry): ToolServer => ({
    id: server.id,
    name: server.name,
    transport: 'stdio',
    command: server.command,
    args: [...server.args],
    ...runnerOf(server).view(),
    ...catalogue.counts(server.id),
    addedAtMs: server.addedAtMs,
  })

  const requireServer = (id: ServerId): ServerEntry => {
    const server = catalogue.server(id)
    if (server === undefined) throw new RuntimeError('MCP_003', 'There is no such tool server.')
    return server
  }

  const request = <Verb extends 'add' | 'remove' | 'reconnect'>(context: ToolsContext, verb: Verb, name: string) => ({
    caller: context.caller,
    correlationId: context.correlationId,
    action: `server.${verb}` as const,
    resource: name,
  })

  return {
    servers: () => catalogue.servers().map(view),

    async addServer(context, { name, command, args }) {
      const server: ServerEntry = { id: newId<ServerId>(), name, command, args, addedAtMs: clock.nowMs() }
      await gate.commit(
        {
          ...request(context, 'add', name),
          arguments: { name, command, args: [...args] },
          details: { command, args: [...args] },
          precondition: () => {
            refuseAgents(context.caller)
            if (RESERVED.has(name))
              throw new RuntimeError('MCP_003', `The name ${name} is kept for tools of the console.`)
          },
        },
        (tx) => catalogue.addServer(tx, server),
      )
      start(server, context.correlationId)
      return view(server)
    },

    async removeServer(context, id) {
      const path = catalogue.server(id)?.name ?? id
      await gate.commit(
        { ...request(context, 'remove', path), arguments: { id }, precondition: () => refuseAgents(context.caller) },
        (tx) => catalogue.removeServer(tx, id),
      )
      const runner = runners.get(id)
      runners.delete(id)
      await runner?.stop()
    },

    async reconnectServer(context, id) {
      const server = requireServer(id)
      await gate.commit(
        {
          ...request(context, 'reconnect', server.name),
          precondition: () => refuseAgents(context.caller),
        },
        () => undefined,
      )
      start(server, context.correlationId)
      return view(server)
    },

    serverLog: (id) => runnerOf(requireServer(id)).log(),
    tools: (filter) => catalogue.tools(filter?.status),
    tool: (id) => catalogue.tool(id),

    approvedFor(globs) {
      const matchers = globs.map(compileGlob)
      return catalogue.approved().flatMap((entry): CallableTool[] => {
        const name = `${entry.serverName}.${entry.name}`
        const offered = runners.get(entry.serverId)?.offered(entry.name)
        if (offered === undefined || offered.digest !== entry.decidedDigest) return []
        if (!matchers.some((matches) => matches(name))) return []
        return [{ name, description: descriptionOf(entry.definition), inputSchema: inputSchemaOf(entry.definition) }]
      })
    },

    call(context, qualifiedName, args) {
      const details: Record<string, Json> = {}
      return gate.perform(
        {
          caller: context.caller,
          correlationId: context.correlationId,
          action: 'tool.call',
          resource: qualifiedName.slice(0, MAX_NAME_IN_RECORD),
          tier: context.tier,
          facts: context.facts,
          wait: context.wait,
          arguments: args,
          // The definition belongs to the exact act: an approval of it does not outlive its review.
          sealed: `${qualifiedName}\n${catalogue.entry(qualifiedName)?.decidedDigest ?? ''}`,
          bytes: Buffer.byteLength(JSON.stringify(args)),
          consequence: claimsToDestroy(catalogue.entry(qualifiedName)?.definition ?? null) ? 'destroy' : undefined,
          excerpt: true,
          details,
          signal: context.signal,
          precondition: () => {
            context.precondition?.()
            const entry = requireApproved(catalogue.entry(qualifiedName), qualifiedName)
            argumentCheck.check(entry.digest, inputSchemaOf(entry.definition), args)
          },
        },
        async () => {
          // Asked again: the gate may have waited, and a decision may have been taken back meanwhile.
          const entry = requireApproved(catalogue.entry(qualifiedName), qualifiedName)
          const runner = runners.get(entry.serverId)
          if (runner === undefined) throw new RuntimeError('MCP_001', `The server of ${qualifiedName} is not started.`)
          const startedMs = clock.monotonicMs()
          const digest = entry.decidedDigest ?? ''
          const result = await callServer(ports, { ...context, qualifiedName }, () =>
            runner.call({ name: entry.name, digest, args, signal: context.signal }),
          )
          // The record is written when the outcome is known, so it can tell of it.
          details['digest'] = digest
          details['toolReportsError'] = result.isError
          details['resultBytes'] = Buffer.byteLength(JSON.stringify(result))
          details['tookMs'] = Math.round(clock.monotonicMs() - startedMs)
          return result
        },
      )
    },

    recordDecision: (tx, decision) => catalogue.decide(tx, decision),

    start() {
      for (const server of catalogue.servers()) start(server, newId<CorrelationId>())
    },

    async close() {
      closed = true
      await Promise.all([...runners.values()].map((runner) => runner.stop()))
      runners.clear()
    },
  }
}
