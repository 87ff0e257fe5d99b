import {
  type CallDefinition,
  type CorrelationId,
  calls,
  type Json,
  type Reply,
  type Scope,
  type StreamDefinition,
  streams as streamDefinitions,
} from '@contract'
import type { z } from 'zod'
import {
  type Caller,
  isRuntimeError,
  type Log,
  type NewId,
  RuntimeError,
  type Source,
  toWireError,
} from '../engine/core'
import type { CallContext, Handlers, StreamHandlers } from './types'

/** What a transport hands a request to: the same checks in the same order, whoever carried it. */
export interface Dispatcher {
  /**
   * Run one procedure of the contract. Never rejects: failure is a reply too.
   *
   * Order: known channel (IPC_002) → scope of the caller (SEC_001) → input (IPC_001, `details.issues` names the
   * fields) → handler → output. Nothing is reached before the input is valid.
   */
  call(channel: string, input: unknown, caller: Caller): Promise<Reply<unknown>>
  /** Open one stream of the contract, with the same checks; the value is not started yet. */
  open(name: string, input: unknown, caller: Caller): Promise<Reply<Source<unknown>>>
}

export interface DispatcherPorts {
  readonly handlers: Handlers
  readonly streams: StreamHandlers
  readonly newId: NewId
  readonly log: Log
  /** Hold every answer against the contract too. On in development and tests; costs a second parse. */
  readonly checkOutput: boolean
}

/** The most of a foreign name that is repeated in an answer or in the log. */
const MAX_NAME_LENGTH = 80
/** The most fields named in one answer: a caller who got everything wrong needs no complete list. */
const MAX_ISSUES = 20

type AnyHandler<T> = (input: unknown, context: CallContext) => Promise<T>

/** What stands under this name in the table itself: `__proto__` and `constructor` are no channels. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** A foreign name, safe to repeat: short, and without characters that could forge a line of a log. */
const shown = (name: string): string =>
  name.length <= MAX_NAME_LENGTH
    ? name.replace(/\p{C}/gu, '\u{fffd}')
    : `${name.slice(0, MAX_NAME_LENGTH).replace(/\p{C}/gu, '\u{fffd}')}…`

const pathOf = (issue: z.core.$ZodIssue): string => issue.path.map(String).map(shown).join('.')

/** Fields and what is wrong with them. zod's messages describe what was expected, never the value that came. */
const issuesOf = (error: z.ZodError): Json[] =>
  error.issues.slice(0, MAX_ISSUES).map((issue) => ({ path: pathOf(issue), message: shown(issue.message) }))

const inputError = (error: z.ZodError): RuntimeError => {
  const first = error.issues[0]
  const at = first === undefined || first.path.length === 0 ? '' : ` (${pathOf(first)})`
  const why = first === undefined ? '' : ` ${shown(first.message)}`
  return new RuntimeError('IPC_001', `The input is not valid${at}.${why}`, { details: { issues: issuesOf(error) } })
}

const holds = (caller: Caller, scope: Scope): boolean =>
  (caller.kind === 'operator' || caller.kind === 'cli') && caller.scopes.has(scope)

interface Request<T> {
  readonly kind: 'call' | 'stream'
  readonly name: string
  readonly input: unknown
  readonly caller: Caller
  readonly definition: { readonly scope: Scope; readonly input: z.ZodType } | undefined
  readonly handler: AnyHandler<T> | undefined
}

/** The one door between a transport and the handlers. */
export const createDispatcher = (ports: DispatcherPorts): Dispatcher => {
  const log = ports.log.child('dispatch')

  const run = async <T>(request: Request<T>, finish: (value: T) => T): Promise<Reply<T>> => {
    const correlationId = ports.newId<CorrelationId>()
    try {
      const { definition, handler } = request
      if (definition === undefined || handler === undefined)
        throw new RuntimeError('IPC_002', `There is no ${request.kind} named "${shown(request.name)}".`)
      if (!holds(request.caller, definition.scope))
        throw new RuntimeError('SEC_001', `The caller does not hold the scope ${definition.scope}.`)
      const parsed = definition.input.safeParse(request.input)
      if (!parsed.success) throw inputError(parsed.error)
      const value = await handler(parsed.data, { caller: request.caller, correlationId })
      return { ok: true, value: finish(value) }
    } catch (error) {
      const wire = toWireError(error)
      const facts = {
        [request.kind]: shown(request.name),
        caller: request.caller.kind,
        correlationId,
        code: wire.code,
        error: error instanceof Error ? error.message : String(error),
      }
      if (isRuntimeError(error)) log.warn(facts, 'request failed')
      else
        log.error({ ...facts, stack: error instanceof Error ? error.stack : undefined }, 'request failed unexpectedly')
      return { ok: false, error: wire }
    }
  }

  /** A handler that breaks the contract is our mistake, never the caller's. */
  const checked = (name: string, schema: z.ZodType, value: unknown): unknown => {
    if (!ports.checkOutput) return value
    const parsed = schema.safeParse(value)
    if (parsed.success) return value
    throw new Error(`the answer of ${name} breaks the contract at ${parsed.error.issues.map(pathOf).join(', ')}`)
  }

  /** Items are held against the contract as they come; the first bad one ends the stream with an error. */
  const checkedSource = (name: string, item: z.ZodType, source: Source<unknown>): Source<unknown> => {
    if (!ports.checkOutput) return source
    return (sink) => {
      let over = false
      // A source may deliver while it is being started: then there is nothing to stop until it returns.
      let stop: (() => void) | undefined
      const end = (error: unknown): void => {
        if (over) return
        over = true
        sink.end(error)
      }
      stop = source({
        emit(items) {
          if (over) return
          if (items.every((one) => item.safeParse(one).success)) return sink.emit(items)
          log.error({ stream: name }, 'an item breaks the contract')
          end(new Error(`an item of ${name} breaks the contract`))
          stop?.()
        },
        end,
      })
      if (over) stop()
      return stop
    }
  }

  return {
    call(channel, input, caller) {
      const definition = own<CallDefinition>(calls, channel)
      const handler = own(ports.handlers as unknown as Record<string, AnyHandler<unknown>>, channel)
      return run({ kind: 'call', name: channel, input, caller, definition, handler }, (value) =>
        definition === undefined ? value : checked(channel, definition.output, value),
      )
    },
    open(name, input, caller) {
      const definition = own<StreamDefinition>(streamDefinitions, name)
      const handler = own(ports.streams as unknown as Record<string, AnyHandler<Source<unknown>>>, name)
      return run({ kind: 'stream', name, input, caller, definition, handler }, (source) =>
        definition === undefined ? source : checkedSource(name, definition.item, source),
      )
    },
  }
}
