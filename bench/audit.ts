/**
 * Claims: a record costs well under a millisecond even though it is on the disk when it is acknowledged, and the whole trail
 * is verified nearly as fast as its bytes can be hashed.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { CorrelationId } from '@contract'
import {
  type AuditTrail,
  auditFolders,
  createFileAnchor,
  createKeyVault,
  openAuditTrail,
  verifyTrail,
} from '../src-main/engine/audit'
import {
  type Caller,
  createEvents,
  createIds,
  createRedactor,
  messageOf,
  silentLog,
  systemClock,
} from '../src-main/engine/core'
import { openStore, type Store } from '../src-main/engine/store'
import { withFolder } from './bench-engine'
import { type Bench, type BenchOptions, type BenchResult, type Measured, toResult } from './result'

const newId = createIds(systemClock)
const AGENT: Caller = {
  kind: 'agent',
  id: newId(),
  name: 'hello',
  executionId: newId(),
  correlationId: newId<CorrelationId>(),
}

/** Writers that wait for their own record each, as many runs at once do. */
const WRITERS = 64
/** Records in the trail that is verified, for each call that was asked for. */
const RECORDS_PER_CALL = 100
const ROUNDS = 5

const entry = (n: number) => ({
  correlationId: newId<CorrelationId>(),
  caller: AGENT,
  action: 'tool.call',
  resource: 'Tool everything.echo',
  outcome: 'success' as const,
  reason: 'The rule "agents call approved tools" allows it.',
  details: { agent: 'hello', execution: AGENT.id, rule: 'agents call approved tools', n },
})

const openTrail = (dir: string, store: Store): AuditTrail => {
  const unasked = async (): Promise<never> => {
    throw new Error('The benchmark keeps no keys in the keyring.')
  }
  const folders = auditFolders(dir)
  return openAuditTrail({
    store,
    clock: systemClock,
    events: createEvents((error) => process.stderr.write(`${messageOf(error)}\n`)),
    redactor: createRedactor(),
    log: silentLog,
    newId,
    vault: createKeyVault({
      keyring: { get: async () => null, set: unasked, delete: unasked },
      dir: folders.keys,
      installationId: 'bench',
      fileFallbackAllowed: true,
    }),
    anchors: [createFileAnchor(folders.anchors)],
    archiveDir: folders.archives,
    verifier: null,
  })
}

/** Run `act` from many writers at once until `calls` are done; milliseconds that each waited. */
const underLoad = async (
  calls: number,
  act: (n: number) => Promise<unknown>,
): Promise<{ waits: number[]; tookMs: number }> => {
  const waits: number[] = []
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < calls) {
      next += 1
      const started = performance.now()
      await act(next)
      waits.push(performance.now() - started)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return { waits, tookMs: performance.now() - started }
}

const measureAppend = async (store: Store, trail: AuditTrail, calls: number): Promise<BenchResult[]> => {
  const append = (n: number): Promise<number> => store.write((tx) => trail.append(tx, entry(n)))
  const row = (n: number): Promise<number> =>
    store.write((tx) =>
      tx.run(`INSERT OR REPLACE INTO meta (key, value) VALUES (:key, 'x')`, { key: `bench ${n % 50}` }),
    )
  await underLoad(Math.min(calls, 500), append)
  const alone: number[] = []
  for (let n = 0; n < Math.min(calls, 500); n += 1) {
    const started = performance.now()
    await append(n)
    alone.push(performance.now() - started)
  }
  // The cost of one record in a shared commit: what a burst takes, through the number of its records.
  const shares: number[] = []
  const rowShares: number[] = []
  const waits: number[] = []
  for (let round = 0; round < 20; round += 1) {
    const some = Math.max(WRITERS, Math.ceil(calls / 10))
    const loaded = await underLoad(some, append)
    shares.push(loaded.tookMs / some)
    waits.push(...loaded.waits)
    rowShares.push((await underLoad(some, row)).tookMs / some)
  }
  const baseline: Measured = { name: 'one plain row in the same store and load', samples: rowShares }
  return [
    toResult({ name: 'audit.append', unit: 'ms', samples: shares, baseline }),
    toResult({ name: `audit.append-wait-of-${WRITERS}-writers`, unit: 'ms', samples: waits }),
    toResult({ name: 'audit.append-alone', unit: 'ms', samples: alone }),
  ]
}

/** Microseconds per record of hashing and chaining alone, over as many bytes. */
const bareChain = (records: number): number => {
  const body = Buffer.alloc(500, 'x')
  let prev = Buffer.alloc(32)
  const started = performance.now()
  for (let n = 0; n < records; n += 1) prev = createHash('sha256').update(prev).update(body).digest()
  return ((performance.now() - started) * 1000) / records
}

const measureVerify = async (store: Store, trail: AuditTrail, records: number): Promise<BenchResult[]> => {
  for (let done = 0; done < records; done += 500)
    await store.write((tx) => {
      for (let n = 0; n < 500; n += 1) trail.append(tx, entry(n))
    })
  await trail.checkpoint()
  const chain: number[] = []
  const whole: number[] = []
  const bare: number[] = []
  const turns: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [chainOnly, samples] of [
      [true, chain],
      [false, whole],
    ] as const) {
      let turn = performance.now()
      const verdict = await verifyTrail({
        sql: store,
        clock: systemClock,
        chainOnly,
        onProgress: () => {
          turns.push(performance.now() - turn)
          setImmediate(() => {
            turn = performance.now()
          })
        },
      })
      if (!verdict.ok) throw new Error(verdict.problem ?? 'The trail does not verify.')
      samples.push((verdict.tookMs * 1000) / verdict.checked)
    }
    bare.push(bareChain(records))
  }
  const baseline: Measured = { name: 'a bare SHA-256 chain over 500 bytes each', samples: bare }
  const proofs: number[] = []
  for (let n = 0; n < 200; n += 1) {
    const started = performance.now()
    trail.proveInclusion(1 + Math.floor((n * records) / 200))
    proofs.push(performance.now() - started)
  }
  return [
    toResult({ name: 'audit.verify-chain-per-record', unit: 'µs', samples: chain, baseline }),
    toResult({ name: 'audit.verify-all-per-record', unit: 'µs', samples: whole, baseline }),
    toResult({ name: 'audit.verify-turn-of-the-thread', unit: 'ms', samples: turns }),
    toResult({ name: 'audit.prove-inclusion', unit: 'ms', samples: proofs }),
  ]
}

const measure = async ({ calls, progress }: BenchOptions, dir: string): Promise<BenchResult[]> => {
  const store = openStore({ dir: join(dir, 'data'), clock: systemClock, log: silentLog })
  const trail = openTrail(dir, store)
  try {
    await trail.ready
    progress(`audit: ${calls} records from ${WRITERS} writers`)
    const appended = await measureAppend(store, trail, calls)
    const records = calls * RECORDS_PER_CALL
    progress(`audit: verifying ${records} records`)
    return [...appended, ...(await measureVerify(store, trail, records))]
  } finally {
    await trail.close()
    await store.close()
  }
}

export const audit: Bench = { name: 'audit', run: (options) => withFolder((folder) => measure(options, folder)) }
