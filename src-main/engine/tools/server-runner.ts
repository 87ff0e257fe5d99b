import type { CorrelationId, Json, ToolServer, WireError } from '@contract'
import {
  asRuntimeError,
  type Clock,
  type Events,
  engineCaller,
  type Log,
  type NewId,
  type Redactor,
  RuntimeError,
  toWireError,
} from '../core'
import type { Gate } from '../gate'
import { type Catalogue, type ListChange, type ServerEntry, sameOffer } from './catalogue'
import { type Connection, connect, isWorthRetrying, type ToolResult } from './connection'
import { type JsonObject, type OfferedTool, offeredTools } from './definition'

/** One tool server while the engine runs: its process, its state, its list of tools, its log. */
export interface ServerRunner {
  view(): Pick<ToolServer, 'state' | 'error' | 'claims'>
  /** The newest lines of its standard error, redacted. */
  log(): string[]
  /** What the live connection offers under this name, or undefined. */
  offered(name: string): OfferedTool | undefined
  /** Begin to connect afresh, in the background; a connection that exists is ended first. */
  restart(correlationId: CorrelationId): void
  /** @throws MCP_001, MCP_002, MCP_004, RUN_003; SCHEMA_001 when another definition is offered than `digest` names */
  call(request: {
    readonly name: string
    readonly digest: string
    readonly args: JsonObject
    readonly signal: AbortSignal
  }): Promise<ToolResult>
  stop(): Promise<void>
}

export interface RunnerPorts {
  readonly gate: Gate
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly log: Log
  readonly newId: NewId
  readonly config: { readonly connectTimeoutMs: number; readonly callTimeoutMs: number }
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly productVersion: string
}

/** A live connection and what it offered last. */
interface Live {
  readonly connection: Connection
  readonly sinceMs: number
  offered: ReadonlyMap<string, OfferedTool>
  refreshing: Promise<void> | null
  refreshAgain: boolean
}

const MAX_LOG_LINES = 200
const MAX_RETRIES = 5
const FIRST_RETRY_MS = 1000
/** A server that lived this long starts its retries from the beginning. */
const HEALTHY_MS = 60_000
/** A server that announces one change after the other without end is cut off. */
const MAX_REFRESHES_IN_A_ROW = 20

const MAX_RECORDED_NAMES = 20

/** How a list changed, as the audit trail keeps it: counts, and the first names of each kind. */
const recordedChange = (change: ListChange): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(change)
      .filter(([, names]) => names.length > 0)
      .map(([kind, names]) => [kind, { count: names.length, names: names.slice(0, MAX_RECORDED_NAMES) }]),
  )

export const createServerRunner = (ports: RunnerPorts, server: ServerEntry): ServerRunner => {
  const { gate, catalogue, clock, events, redactor, log, newId, config } = ports
  const lines: string[] = []
  let state: ToolServer['state'] = 'stopped'
  let error: WireError | null = null
  let claims: ToolServer['claims'] = null
  let live: Live | null = null
  /** Ends the attempt or connection it belongs to; a new one per attempt, so what comes late is ignored. */
  let attempt = new AbortController()
  let ending: Promise<void> = Promise.resolve()
  let retries = 0
  let cancelRetry: () => void = () => undefined

  const show = (next: ToolServer['state'], problem: RuntimeError | null): void => {
    state = next
    error = problem === null ? null : toWireError(problem)
    events.publish('servers.changed', { id: server.id })
  }

  const request = <Verb extends 'connect' | 'tools' | 'exit'>(verb: Verb, correlationId: CorrelationId) => ({
    caller: engineCaller('tools'),
    correlationId,
    action: `server.${verb}` as const,
    resource: server.name,
  })

  const addLine = (line: string): void => {
    lines.push(redactor.text(line))
    if (lines.length > MAX_LOG_LINES) lines.shift()
  }

  const endLive = (): void => {
    const former = live
    live = null
    if (former !== null) {
      const closing = former.connection
        .close()
        .catch((cause: unknown) => log.warn({ cause }, 'a tool server did not end well'))
      ending = Promise.all([ending, closing]).then(() => undefined)
    }
  }

  const fail = (problem: RuntimeError): void => {
    if (live !== null && clock.monotonicMs() - live.sinceMs >= HEALTHY_MS) retries = 0
    attempt.abort()
    endLive()
    show('failed', problem)
    log.warn({ server: server.name, code: problem.code, reason: problem.message }, 'tool server failed')
    if (retries >= MAX_RETRIES || !isWorthRetrying(problem)) return
    const delayMs = FIRST_RETRY_MS * 2 ** retries
    retries += 1
    cancelRetry = clock.after(delayMs, () => begin(newId<CorrelationId>()))
  }

  /** A failure that nobody asked for still leaves its record. */
  const failRecorded = (problem: RuntimeError): void => {
    fail(problem)
    gate
      .perform(request('exit', newId<CorrelationId>()), () => Promise.reject(problem))
      .catch((cause: unknown) => {
        if (cause !== problem) log.error({ cause }, 'the end of a tool server could not be recorded')
      })
  }

  const refresh = async (current: Live): Promise<void> => {
    for (let round = 0; current.refreshAgain; round += 1) {
      if (round >= MAX_REFRESHES_IN_A_ROW)
        throw new RuntimeError('MCP_002', 'The tool server changes its list of tools without end.')
      current.refreshAgain = false
      const offered = offeredTools(server.name, await current.connection.listTools())
      if (live !== current) return
      if (sameOffer(offered, current.offered)) continue
      const details: Record<string, Json> = {}
      await gate.commit({ ...request('tools', newId<CorrelationId>()), details }, (tx) => {
        // The record is written after this change, in the same transaction.
        Object.assign(details, recordedChange(catalogue.takeOver(tx, server.id, offered)))
      })
      current.offered = offered
    }
  }

  const onToolsChanged = (current: Live): void => {
    current.refreshAgain = true
    current.refreshing ??= refresh(current)
      .catch((cause: unknown) => {
        if (live === current) failRecorded(asRuntimeError(cause, 'MCP_001', 'The list of tools cannot be read'))
      })
      .finally(() => {
        current.refreshing = null
      })
  }

  const open = async (correlationId: CorrelationId, signal: AbortSignal): Promise<void> => {
    let current: Live | null = null
    let announced = false
    const connectAndList = async (): Promise<{ connection: Connection; offered: ReadonlyMap<string, OfferedTool> }> => {
      const connection = await connect({
        command: server.command,
        args: server.args,
        cwd: ports.cwd,
        env: ports.env,
        productVersion: ports.productVersion,
        connectTimeoutMs: config.connectTimeoutMs,
        signal,
        onLine: addLine,
        onToolsChanged: () => {
          if (current === null) announced = true
          else if (live === current) onToolsChanged(current)
        },
        onClosed: () => {
          if (live === current && current !== null && !signal.aborted)
            failRecorded(new RuntimeError('MCP_001', 'The tool server ended unexpectedly.'))
        },
      })
      try {
        return { connection, offered: offeredTools(server.name, await connection.listTools()) }
      } catch (cause) {
        await connection.close()
        throw cause
      }
    }

    const details: Record<string, Json> = { command: server.command, args: [...server.args] }
    let opened: Connection | null = null
    try {
      const { connection, offered } = await gate.perform(
        { ...request('connect', correlationId), details },
        async () => {
          const both = await connectAndList()
          opened = both.connection
          return both
        },
        (tx, both) => {
          Object.assign(details, recordedChange(catalogue.takeOver(tx, server.id, both.offered)))
        },
      )
      if (signal.aborted) return void (await connection.close())
      current = { connection, offered, sinceMs: clock.monotonicMs(), refreshing: null, refreshAgain: false }
      live = current
      claims = connection.claims
      if (connection.isClosed()) return failRecorded(new RuntimeError('MCP_001', 'The tool server ended unexpectedly.'))
      show('connected', null)
      if (announced) onToolsChanged(current)
    } catch (cause) {
      await (opened as Connection | null)?.close().catch(() => undefined)
      if (!signal.aborted) fail(asRuntimeError(cause, 'MCP_001', 'The tool server cannot be reached'))
    }
  }

  const begin = (correlationId: CorrelationId): void => {
    cancelRetry()
    attempt.abort()
    endLive()
    attempt = new AbortController()
    const { signal } = attempt
    show('connecting', null)
    const opening = ending.then(() => (signal.aborted ? undefined : open(correlationId, signal)))
    ending = opening.catch((cause: unknown) => log.error({ cause }, 'connecting a tool server failed unexpectedly'))
  }

  return {
    view: () => ({ state, error, claims }),
    log: () => lines.map((line) => redactor.text(line)),
    offered: (name) => live?.offered.get(name),

    restart(correlationId) {
      retries = 0
      begin(correlationId)
    },

    async call({ name, digest, args, signal }) {
      const current = live
      if (current === null) throw new RuntimeError('MCP_001', `The tool server ${server.name} is not connected.`)
      // After an announced change, what was offered before it no longer counts.
      if (current.refreshing !== null) await current.refreshing
      if (live !== current) throw new RuntimeError('MCP_001', `The tool server ${server.name} is not connected.`)
      const offered = current.offered.get(name)
      if (offered === undefined) throw new RuntimeError('SCHEMA_001', 'The server no longer offers this tool.')
      if (offered.digest !== digest)
        throw new RuntimeError('SCHEMA_001', 'The server offers another definition than the one that was approved.')
      return current.connection.callTool(name, args, { timeoutMs: config.callTimeoutMs, signal })
    },

    async stop() {
      cancelRetry()
      attempt.abort()
      endLive()
      show('stopped', null)
      await ending
    },
  }
}
