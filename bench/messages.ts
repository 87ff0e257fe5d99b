/** Claim: signing, sealing, keeping, verifying and opening each message costs little beside the bare cryptography of it. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
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
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

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
  const store = openStore({ dir, clock, log: silentLog })
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

interface Flow {
  readonly perSecond: number
  readonly loopP99Ms: number
  readonly cpuUs: number
  readonly lost: number
}

/** As many as go through: every message received and acknowledged, the event loop of the main thread watched. */
const throughput = async (
  dir: string,
  load: { form: Form; senders: number; bytes: number; window: number; forMs: number },
): Promise<Flow> => {
  const { form, senders, bytes, window, forMs } = load
  const parts = await openParts(dir, { agents: 2 * senders, signing: form })
  const payload = Buffer.alloc(bytes, 0x61)
  let sent = 0
  let received = 0
  let counting = false
  let until = Number.POSITIVE_INFINITY
  const sending = async (index: number): Promise<void> => {
    const [from, to] = [parts.agents[index], parts.agents[senders + index]]
    if (from === undefined || to === undefined) return
    const sender = as(from, index)
    while (performance.now() < until) {
      await parts.bus.send(sender, { to, payload, waitMs: 60_000 })
      sent += 1
    }
  }
  const receiving = async (index: number, done: AbortSignal): Promise<void> => {
    const to = parts.agents[senders + index]
    if (to === undefined) return
    const receiver = as(to, senders + index)
    const acks: Promise<number>[] = []
    while (!done.aborted) {
      const messages = await parts.bus.receive(receiver, { max: 128, waitMs: 100 })
      if (messages.length === 0) continue
      if (counting) received += messages.length
      acks.push(
        parts.bus.acknowledge(
          receiver,
          messages.map(({ id }) => id),
        ),
      )
      if (acks.length > 4) await acks.shift()
    }
    await Promise.all(acks)
  }
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const done = new AbortController()
  try {
    const receivers = Array.from({ length: senders }, (_, index) => receiving(index, done.signal))
    const lanes = Array.from({ length: senders * window }, (_, lane) => sending(lane % senders))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    counting = true
    delay.enable()
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, forMs))
    counting = false
    const tookMs = performance.now() - startedMs
    const used = process.cpuUsage(cpu)
    delay.disable()
    until = 0
    await Promise.all(lanes)
    const { queued, unacknowledged } = parts.bus.stats()
    for (let left = queued + unacknowledged; left > 0; ) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const stats = parts.bus.stats()
      left = stats.queued + stats.unacknowledged
    }
    done.abort()
    await Promise.all(receivers)
    return {
      perSecond: (received / tookMs) * 1000,
      loopP99Ms: delay.percentile(99) / 1e6,
      cpuUs: (used.user + used.system) / Math.max(1, received),
      lost: sent === 0 ? 1 : parts.bus.stats().deadLetters,
    }
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
const bare = async (load: { bytes: number; forMs: number }): Promise<{ perSecond: number; cpuUs: number }> => {
  const cpu = process.cpuUsage()
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
  const used = process.cpuUsage(cpu)
  const perSecond = rates.reduce((sum, rate) => sum + rate, 0)
  return { perSecond, cpuUs: (used.user + used.system) / ((perSecond * load.forMs) / 1000) }
}

export const measureFlow = async (
  load: { form: Form; senders: number; window: number; bytes: number; forMs: number },
  progress: (text: string) => void,
) => {
  const before = await bare({ bytes: load.bytes, forMs: load.forMs / 4 })
  const flow = await withFolder((dir) => throughput(dir, load))
  const after = await bare({ bytes: load.bytes, forMs: load.forMs / 4 })
  const limit = (before.perSecond + after.perSecond) / 2
  const limitCpuUs = (before.cpuUs + after.cpuUs) / 2
  progress(
    `messages: ${load.form}, ${load.senders} senders of ${load.window}, ${load.bytes} B: ${Math.round(flow.perSecond)}/s, ` +
      `${Math.round((flow.perSecond / limit) * 100)} % of the bare ${Math.round(limit)}/s on ${availableParallelism()} cores, ` +
      `${flow.cpuUs.toFixed(0)} µs of processor each (bare ${limitCpuUs.toFixed(0)}), ` +
      `event loop p99 ${flow.loopP99Ms.toFixed(1)} ms, ${flow.lost} dead`,
  )
  return { flow, limit, limitCpuUs }
}

const measure = async ({ calls, progress }: BenchOptions): Promise<BenchResult[]> => {
  const results: BenchResult[] = []
  for (const bytes of [256, 65_536])
    for (const senders of [1, 8, 64]) {
      progress(`messages: send to receive, ${senders} at a time, ${bytes} B`)
      const samples = await withFolder((dir) => latencies(dir, { senders, bytes, calls }))
      results.push(toResult({ name: `messages.${senders}x${bytes}B`, unit: 'µs', samples }))
    }
  return results
}

export const messages: Bench = { name: 'messages', run: measure }
