/** Claim: signing, sealing, keeping, verifying and opening each message costs little beside the bare cryptography of it. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { AgentId, CorrelationId, ExecutionId } from '@contract'
import { createAudit } from '../src-main/engine/audit'
import { type Bus, openBus } from '../src-main/engine/bus'
import { loadConfig } from '../src-main/engine/config'
import {
  createEvents,
  createIds,
  createRedactor,
  messageOf,
  randomPool,
  silentLog,
  systemClock,
} from '../src-main/engine/core'
import { openGate } from '../src-main/engine/gate'
import { createPolicy } from '../src-main/engine/policy'
import { openStore } from '../src-main/engine/store'
import { withFolder } from './bench-engine'
import { ROOT } from './electron-app'
import { readMachine } from './machine'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'
import { mean, rounded } from './stats'

type Form = 'single' | 'batch'

const newId = createIds(systemClock, randomPool())

interface Parts {
  readonly bus: Bus
  readonly agents: readonly AgentId[]
  close(): Promise<void>
}

/** The bus on a database of its own, with the shipped policy, and agents that may write to each other. */
const openParts = async (dir: string, options: { agents: number; signing: Form | 'auto' }): Promise<Parts> => {
  const clock = systemClock
  const events = createEvents((error) => process.stderr.write(`${messageOf(error)}\n`))
  const store = openStore({ dir, clock, log: silentLog, inBackground: true })
  const policy = createPolicy({
    path: join(dir, 'policy.yaml'),
    defaultText: await readFile(join(ROOT, 'resources', 'policies', 'default.yaml'), 'utf8'),
    clock,
    events,
    log: silentLog,
  })
  const redactor = createRedactor()
  const audit = createAudit({ store, clock, events, redactor })
  const { gate } = openGate({ policy, audit, store, clock, events, redactor, newId, log: silentLog })
  const agents = Array.from({ length: options.agents }, () => newId<AgentId>())
  await store.write((tx) => {
    for (const [index, id] of agents.entries()) {
      tx.run(`INSERT INTO agents (id, state, state_changed_at, version, created_at) VALUES (:id, 'Running', 0, 1, 0)`, {
        id,
      })
      tx.run(
        `INSERT INTO agent_versions (agent_id, version, definition, note, created_at) VALUES (:id, 1, :definition, '', 0)`,
        { id, definition: JSON.stringify({ name: `Agent ${index}`, capabilities: ['messages'] }) },
      )
    }
  })
  const bus = openBus(
    { ...loadConfig({ path: null, env: {}, readFile: () => '' }).communication, cryptoThreads: availableParallelism() },
    {
      gate,
      store,
      keyStore: { key: async () => ({ bytes: Buffer.alloc(32, 7), id: Buffer.alloc(8, 1) }) },
      clock,
      events,
      newId,
      random: randomPool(),
      log: silentLog,
      signing: options.signing,
    },
  )
  return {
    bus,
    agents,
    async close() {
      await bus.close()
      policy.close()
      await store.close()
    },
  }
}

const correlationId = newId<CorrelationId>()
const as = (id: AgentId, index: number) => ({
  caller: {
    kind: 'agent',
    id,
    name: `Agent ${index}`,
    executionId: id as string as ExecutionId,
    correlationId,
  } as const,
  correlationId,
  tier: 'tier1' as const,
  facts: { capabilities: ['messages'] as const, labels: [] },
})

/** Microseconds from `send` to the message in the hands of its receiver, each sender with one under way. */
const latencies = async (dir: string, load: { senders: number; bytes: number; calls: number }): Promise<number[]> => {
  const { senders, bytes, calls } = load
  const parts = await openParts(dir, { agents: 2 * senders, signing: 'auto' })
  const payload = Buffer.alloc(bytes, 0x61)
  const each = Math.max(4, Math.ceil(calls / senders))
  const times: number[] = []
  try {
    await Promise.all(
      Array.from({ length: senders }, async (_, index) => {
        const [from, to] = [parts.agents[index], parts.agents[senders + index]]
        if (from === undefined || to === undefined) return
        const sender = as(from, index)
        const receiver = as(to, senders + index)
        for (let count = -2; count < each; count += 1) {
          const startedMs = performance.now()
          const received = parts.bus.receive(receiver, { max: 1, waitMs: 10_000 })
          await parts.bus.send(sender, { to, payload })
          const [message] = await received
          if (message === undefined) throw new Error('A message did not arrive.')
          // The first ones make keys and start threads.
          if (count >= 0) times.push((performance.now() - startedMs) * 1000)
          await parts.bus.acknowledge(receiver, [message.id])
        }
      }),
    )
    return times
  } finally {
    await parts.close()
  }
}

interface Load {
  readonly form: Form
  readonly senders: number
  /** Messages of one sender that are under way at once. */
  readonly window: number
  readonly bytes: number
  readonly forMs: number
}

interface Flow {
  /** Received, second by second. */
  readonly perSecond: readonly number[]
  readonly loop: ReturnType<typeof monitorEventLoopDelay>
  /** Processor time of the whole process for one message, in microseconds. */
  readonly cpuUs: number
}

/** Keys are made and threads started before anything is counted. */
const WARM_UP_MS = 1500

/** As many as go through: every message received and acknowledged, the event loop of the main thread watched. */
const throughput = async (dir: string, { form, senders, window, bytes, forMs }: Load): Promise<Flow> => {
  const parts = await openParts(dir, { agents: 2 * senders, signing: form })
  const payload = Buffer.alloc(bytes, 0x61)
  let received = 0
  let isOver = false
  const sending = async (index: number): Promise<void> => {
    const [from, to] = [parts.agents[index], parts.agents[senders + index]]
    if (from === undefined || to === undefined) return
    const sender = as(from, index)
    while (!isOver) await parts.bus.send(sender, { to, payload, waitMs: 60_000 })
  }
  const done = new AbortController()
  const receiving = async (index: number): Promise<void> => {
    const to = parts.agents[senders + index]
    if (to === undefined) return
    const receiver = as(to, senders + index)
    const acknowledged: Promise<number>[] = []
    while (!done.signal.aborted) {
      const messages = await parts.bus.receive(receiver, { max: 128, waitMs: 100 })
      if (messages.length === 0) continue
      received += messages.length
      const ids = messages.map(({ id }) => id)
      acknowledged.push(parts.bus.acknowledge(receiver, ids))
      if (acknowledged.length > 4) await acknowledged.shift()
    }
    await Promise.all(acknowledged)
  }
  try {
    const receivers = Array.from({ length: senders }, (_, index) => receiving(index))
    const lanes = Array.from({ length: senders * window }, (_, lane) => sending(lane % senders))
    await sleep(WARM_UP_MS)
    const loop = monitorEventLoopDelay({ resolution: 5 })
    loop.enable()
    const before = process.cpuUsage()
    const first = received
    const perSecond: number[] = []
    for (const startedMs = performance.now(); performance.now() - startedMs < forMs; ) {
      const [count, fromMs] = [received, performance.now()]
      await sleep(Math.min(1000, forMs))
      perSecond.push(((received - count) / (performance.now() - fromMs)) * 1000)
    }
    const { user, system } = process.cpuUsage(before)
    const counted = received - first
    loop.disable()
    isOver = true
    await Promise.all(lanes)
    // Nothing that was sent may be missing.
    for (let stats = parts.bus.stats(); stats.queued + stats.unacknowledged > 0; stats = parts.bus.stats())
      await sleep(20)
    done.abort()
    await Promise.all(receivers)
    if (parts.bus.stats().deadLetters > 0) throw new Error('Messages became dead letters.')
    return { perSecond, loop, cpuUs: (user + system) / Math.max(1, counted) }
  } finally {
    await parts.close()
  }
}

/** What the bare functions of node:crypto manage on all cores: sign, encrypt, decrypt, verify, and nothing else. */
const BARE = `
const c = require('node:crypto')
const { parentPort, workerData } = require('node:worker_threads')
const ed = c.generateKeyPairSync('ed25519')
const key = c.createSecretKey(c.randomBytes(32))
const payload = Buffer.alloc(workerData.bytes, 0x61)
const header = Buffer.alloc(180, 1)
const iv = Buffer.alloc(12)
const one = () => {
  iv.writeUInt32BE(iv.readUInt32BE(8) + 1, 8)
  const cipher = c.createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(header)
  const sealed = Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()])
  const signed = Buffer.concat([header, iv, sealed])
  const signature = c.sign(null, signed, ed.privateKey)
  if (!c.verify(null, signed, ed.publicKey, signature)) throw new Error('does not verify')
  const cut = sealed.length - 16
  const decipher = c.createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
  decipher.setAAD(header)
  decipher.setAuthTag(sealed.subarray(cut))
  decipher.update(sealed.subarray(0, cut))
  decipher.final()
}
for (let i = 0; i < 200; i++) one()
const startedMs = performance.now()
let n = 0
while (performance.now() - startedMs < workerData.forMs) { one(); n++ }
parentPort.postMessage(n / (performance.now() - startedMs) * 1000)
`
interface Limit {
  readonly perSecond: number
  readonly cpuUs: number
}

const bare = async (load: { bytes: number; forMs: number }): Promise<Limit> => {
  const before = process.cpuUsage()
  const rates = await Promise.all(
    Array.from(
      { length: availableParallelism() },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(BARE, { eval: true, workerData: load })
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
  const { user, system } = process.cpuUsage(before)
  const perSecond = rates.reduce((sum, rate) => sum + rate, 0)
  return { perSecond, cpuUs: (user + system) / ((perSecond * load.forMs) / 1000) }
}

/** The bus, with the bare functions right before and after it: whoever else uses the machine meets both. */
export const measureFlow = async (load: Load, progress: BenchOptions['progress']): Promise<BenchResult[]> => {
  const limits = [await bare({ bytes: load.bytes, forMs: Math.max(1000, load.forMs / 10) })]
  const flow = await withFolder((dir) => throughput(dir, load))
  limits.push(await bare({ bytes: load.bytes, forMs: Math.max(1000, load.forMs / 10) }))
  const name = `messages.${load.form}-signatures`
  const result = toResult({
    name,
    unit: '/s',
    samples: flow.perSecond,
    value: mean(flow.perSecond),
    baseline: {
      name: 'bare node:crypto on all cores: sign, encrypt, decrypt, verify',
      samples: limits.map(({ perSecond }) => perSecond),
      value: mean(limits.map(({ perSecond }) => perSecond)),
    },
  })
  const bareCpuUs = mean(limits.map(({ cpuUs }) => cpuUs))
  progress(
    `messages: ${load.form}, ${load.senders} senders, ${load.bytes} B: ${Math.round(result.value ?? 0)}/s beside ` +
      `${Math.round(result.baseline?.value ?? 0)}/s bare; processor time ${flow.cpuUs.toFixed(0)} µs each beside ` +
      `${bareCpuUs.toFixed(0)} µs; event loop p99 ${(flow.loop.percentile(99) / 1e6).toFixed(1)} ms`,
  )
  const loopMs = (percent: number): number => rounded(flow.loop.percentile(percent) / 1e6)
  return [
    result,
    {
      name: `${name}.loop-delay`,
      unit: 'ms',
      n: flow.loop.count,
      p50: loopMs(50),
      p95: loopMs(95),
      p99: loopMs(99),
      machine: readMachine(),
    },
  ]
}

const measure = async ({ calls, idleMs, progress }: BenchOptions): Promise<BenchResult[]> => {
  const results: BenchResult[] = []
  for (const bytes of [256, 65_536])
    for (const senders of [1, 8, 64]) {
      progress(`messages: send to receive, ${senders} at a time, ${bytes} B`)
      const samples = await withFolder((dir) => latencies(dir, { senders, bytes, calls }))
      results.push(toResult({ name: `messages.send-to-receive.${senders}x${bytes}B`, unit: 'µs', samples }))
    }
  results.push(...(await measureFlow({ form: 'single', senders: 8, window: 128, bytes: 256, forMs: idleMs }, progress)))
  results.push(...(await measureFlow({ form: 'batch', senders: 8, window: 128, bytes: 256, forMs: idleMs }, progress)))
  return results
}

export const messages: Bench = { name: 'messages', run: measure }
