/**
 * The agents' side of the gateway: a small MCP client (protocol 2025-06-18, newline-delimited JSON-RPC 2.0 over stdin and
 * stdout) without dependencies. An agent can do nothing by itself; it asks, and the runtime decides and answers.
 *
 *     import { run } from 'symbi'
 *     await run(async ({ input, log, memory, secrets, tools, bus, signal }) => { ...; return output })
 *
 * Standard output belongs to the protocol, so what a program prints goes to its log instead.
 */
import { Console } from 'node:console'
import { readFileSync } from 'node:fs'

const PROTOCOL_VERSION = '2025-06-18'
/** sysexits.h EX_TEMPFAIL: the runtime went away. */
const EXIT_RUNTIME_GONE = 75
/** 128 + SIGTERM, as a shell reports it. */
const EXIT_STOPPED = 143
/** How long a program that is asked to stop may tidy up before it is ended from inside. */
const TIDY_UP_MS = 3000

const toRuntime = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)
globalThis.console = new Console(process.stderr, process.stderr)

/**
 * A refusal or failure of the runtime: its code, what it means, and what to do next. When a person was asked, `outcome` says
 * how that ended: `denied`, `timeout` or `cancelled`. When a limit is reached, `retryAfterMs` says when to ask again.
 */
export class SymbiError extends Error {
  constructor(code, message, nextStep = '', { outcome = null, retryAfterMs = null } = {}) {
    super(message)
    this.name = 'SymbiError'
    this.code = code
    this.nextStep = nextStep
    this.outcome = outcome
    this.retryAfterMs = retryAfterMs
  }
}

const pending = new Map()
let lastId = 0
let carry = ''

const send = (message) => toRuntime(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

/** The runtime lost its connection for a while and has it again: what was asked or answered meanwhile may be gone. */
const ASK_AGAIN = 'notifications/symbi/ask-again'

/** Under the same ids, so that the runtime does nothing twice. */
const askAgain = () => {
  for (const [id, { method, params }] of pending) send({ id, method, params })
}

/** Ask and wait for the answer. Aborting `signal` calls the request off on both sides. */
const request = (method, params, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const id = ++lastId
    const onAbort = () => {
      pending.delete(id)
      send({ method: 'notifications/cancelled', params: { requestId: id, reason: 'called off by the agent' } })
      reject(signal.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = (end) => (value) => {
      signal?.removeEventListener('abort', onAbort)
      end(value)
    }
    pending.set(id, { method, params, resolve: settle(resolve), reject: settle(reject) })
    send({ id, method, params })
  })

const receive = (message) => {
  if (message === null || typeof message !== 'object') return
  if (message.method !== undefined) {
    if (message.method === ASK_AGAIN) return askAgain()
    // The runtime asks an agent nothing but whether it is alive.
    if (message.id === undefined) return
    if (message.method === 'ping') send({ id: message.id, result: {} })
    else send({ id: message.id, error: { code: -32601, message: 'Method not found' } })
    return
  }
  const waiting = pending.get(message.id)
  if (waiting === undefined) return
  pending.delete(message.id)
  if (message.error === undefined) waiting.resolve(message.result)
  else waiting.reject(new SymbiError('PROTOCOL', String(message.error.message ?? 'The runtime refused the request.')))
}

const listen = () => {
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (chunk) => {
    const lines = (carry + chunk).split('\n')
    carry = lines.pop() ?? ''
    for (const line of lines) {
      if (line.trim() === '') continue
      let message
      try {
        message = JSON.parse(line)
      } catch {
        continue
      }
      receive(message)
    }
  })
  const gone = () => process.exit(EXIT_RUNTIME_GONE)
  process.stdin.on('end', gone)
  process.stdin.on('error', gone)
}

/** One tool call: its value, or a SymbiError when it was refused or failed. */
const callTool = async (name, args, signal) => {
  const result = await request('tools/call', { name, arguments: args }, signal)
  const said = result.structuredContent
  if (result.isError) {
    throw new SymbiError(
      String(said?.code ?? 'TOOL_ERROR'),
      String(said?.message ?? result.content?.[0]?.text ?? 'The call failed.'),
      String(said?.nextStep ?? ''),
      said ?? {},
    )
  }
  return said !== undefined && 'value' in said ? said.value : result.content
}

/** Lines on their way; the end of the run waits for them. */
const logging = new Set()

/** Logging never fails a program: what the runtime does not take goes to standard error. */
const logAt =
  (level) =>
  (text, facts = undefined) => {
    const line = { level, text: String(text), ...(facts === undefined ? {} : { facts }) }
    const sent = callTool('log', line)
      .catch((error) => process.stderr.write(`${level}: ${line.text} (not logged: ${error.message})\n`))
      .then(() => {
        logging.delete(sent)
      })
    logging.add(sent)
    return sent
  }

const log = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }

/** What came in, and how to answer it or say that it was dealt with. */
const received = (message, bus) => ({
  ...message,
  ack: () => bus.ack(message.id),
  reply: (payload) => bus.reply(message, payload),
})

/** One receive of the runtime waits no longer than this; a longer wait is several of them. */
const LONGEST_WAIT_MS = 60_000

/** How many handled messages are remembered, so that one which comes again is not handled again. */
const MAX_REMEMBERED = 10_000

/** Messages to and from other agents. A promise of a send means: sealed, signed and on the disk of the runtime. */
const busFor = (signal) => {
  const call = (name, args, own) =>
    callTool(`bus.${name}`, args, own === undefined ? signal : AbortSignal.any([signal, own]))
  const handled = new Set()
  const remember = (id) => {
    handled.add(id)
    if (handled.size > MAX_REMEMBERED) handled.delete(handled.values().next().value)
  }

  const bus = {
    /** To one agent, by name or id. Options: ttlMs, guarantee ('at-least-once' or 'at-most-once'), waitMs for room. */
    send: (to, payload, options = {}) => call('send', { to, payload: asJson(payload), ...options }),
    /** To all who listen to the topic. */
    publish: (topic, payload, options = {}) => call('publish', { topic, payload: asJson(payload), ...options }),
    /** To every other agent that takes part. */
    broadcast: (payload, options = {}) => call('broadcast', { payload: asJson(payload), ...options }),
    subscribe: async (topic) => (await call('subscribe', { topic })).added,
    unsubscribe: async (topic) => (await call('unsubscribe', { topic })).removed,
    /**
     * Messages that wait, oldest first; waits up to `waitMs` when there are none. What is not acknowledged is handed over
     * again; what this program has acknowledged already is not given to it a second time.
     */
    receive: async ({ max = 16, waitMs = 0, signal: own } = {}) => {
      const untilMs = Date.now() + waitMs
      for (;;) {
        const leftMs = Math.max(0, Math.min(LONGEST_WAIT_MS, untilMs - Date.now()))
        const { messages } = await call('receive', { max, waitMs: leftMs }, own)
        const again = messages.filter(({ id }) => handled.has(id)).map(({ id }) => id)
        if (again.length > 0) await call('ack', { ids: again })
        const fresh = messages.filter(({ id }) => !handled.has(id))
        if (fresh.length > 0 || Date.now() >= untilMs) return fresh.map((message) => received(message, bus))
      }
    },
    /** It was dealt with. Takes one id or message, or several. */
    ack: async (messages) => {
      const ids = (Array.isArray(messages) ? messages : [messages]).map((one) => one?.id ?? one)
      const { acknowledged } = await call('ack', { ids })
      for (const id of ids) remember(id)
      return acknowledged
    },
    /** Ask and wait for the answer, which is a message. `options.signal` calls it off. */
    request: async (to, payload, { timeoutMs = 30_000, signal: own } = {}) =>
      received(await call('request', { to, payload: asJson(payload), timeoutMs }, own), bus),
    /** Answer a request. */
    reply: (request, payload) => call('reply', { requestId: request?.id ?? request, payload: asJson(payload) }),
    /** Each message in turn, acknowledged when the loop comes for the next one. Ends when the run is stopped. */
    messages: async function* ({ max = 16, signal: own } = {}) {
      while (!signal.aborted && !own?.aborted)
        for (const message of await bus.receive({ max, waitMs: LONGEST_WAIT_MS, signal: own })) {
          yield message
          await bus.ack(message)
        }
    },
  }
  return bus
}

const contextFor = (signal) => ({
  input: JSON.parse(readFileSync(new URL('../../input.json', import.meta.url), 'utf8')),
  log,
  memory: {
    /** What was kept under `key`, or null. */
    get: async (key) => (await callTool('memory.get', { key }, signal)).value ?? null,
    put: async (key, value) => {
      await callTool('memory.put', { key, value }, signal)
    },
  },
  secrets: {
    get: async (name) => (await callTool('secrets.get', { name }, signal)).value,
  },
  tools: {
    /** What this agent may see: name, description, inputSchema. */
    list: async () => (await request('tools/list', {}, signal)).tools,
    /** Call `server.tool`; `options.signal` calls this one call off. */
    call: (name, args = {}, options = {}) =>
      callTool(name, args, options.signal ? AbortSignal.any([signal, options.signal]) : signal),
  },
  bus: busFor(signal),
  signal,
})

const complete = async (outcome) => {
  await Promise.all(logging)
  await callTool('run.complete', outcome)
}

const messageOf = (error) => (error instanceof Error ? error.message : String(error))

/** A value that is not JSON is the program's mistake, and is told as one. */
const asJson = (value) => {
  if (value === undefined) return null
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('The output has to be a JSON value.')
  return JSON.parse(text)
}

/**
 * Run the program: connect, call `program`, hand in what it returns or throws, and end the process.
 * @param {(context: ReturnType<typeof contextFor>) => unknown} program
 */
export const run = async (program) => {
  const stopping = new AbortController()
  process.once('SIGTERM', () => {
    stopping.abort(new SymbiError('STOPPED', 'The run was stopped.'))
    setTimeout(() => process.exit(EXIT_STOPPED), TIDY_UP_MS).unref()
  })
  listen()
  await request('initialize', {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'symbi-agent', version: '0.1.0' },
  })
  send({ method: 'notifications/initialized' })

  let outcome
  try {
    outcome = { output: asJson(await program(contextFor(stopping.signal))) }
  } catch (error) {
    if (!(error instanceof SymbiError)) process.stderr.write(`${error?.stack ?? messageOf(error)}\n`)
    outcome = { error: { message: messageOf(error), ...(typeof error?.code === 'string' ? { code: error.code } : {}) } }
  }
  if (stopping.signal.aborted) process.exit(EXIT_STOPPED)
  try {
    await complete(outcome)
  } catch (error) {
    process.stderr.write(`The result was not taken: ${messageOf(error)}\n`)
    process.exit(1)
  }
  process.exit('error' in outcome ? 1 : 0)
}
