/** Claim: a decision costs microseconds, with thousands of policies too, where general engines cost far more. */
import { Bench as Stopwatch } from 'tinybench'
import { systemClock } from '../src-main/engine/core'
import { createPolicySet, withCache } from '../src-main/engine/policy'
import { askCasbin } from './policy/casbin'
import { askCedar } from './policy/cedar'
import { createWorkload, type Workload } from './policy/workload'
import { type Bench, type BenchOptions, type BenchResult, type Measured, toResult } from './result'

const SIZES = [100, 1_000, 10_000] as const

/** A question that is asked over and over meets the cache; real questions repeat. */
const CACHED_ENTRIES = 8_192

/** Microseconds of each call, the questions of the workload in turn. */
const timesOf = async (
  ask: (at: number) => unknown,
  { requests }: Workload,
  calls: number,
): Promise<readonly number[]> => {
  let at = 0
  const stopwatch = new Stopwatch({
    iterations: calls,
    time: 0,
    warmupIterations: Math.min(calls, requests.length),
    warmupTime: 0,
    retainSamples: true,
    throws: true,
  })
  stopwatch.add('ask', () => {
    ask(at)
    at = (at + 1) % requests.length
  })
  await stopwatch.run()
  const result = stopwatch.getTask('ask')?.result
  if (result?.state !== 'completed') throw new Error('Nothing was measured.')
  return (result.latency.samples ?? []).map((ms) => ms * 1000)
}

/** The others take milliseconds with many policies: fewer calls tell as much. */
const callsOfOthers = (calls: number, size: number): number => Math.max(30, Math.min(calls, Math.round(300_000 / size)))

const requestAt = ({ requests }: Workload, at: number) => {
  const request = requests[at % requests.length]
  if (request === undefined) throw new Error('There is no request.')
  return request
}

const measure = async (size: number, { calls, progress }: BenchOptions): Promise<BenchResult[]> => {
  progress(`policy: ${size} policies`)
  const workload = createWorkload(size)
  const set = createPolicySet({ rules: workload.rules, text: '' })
  const atMs = systemClock.nowMs()
  const cached = withCache(set, { maxEntries: CACHED_ENTRIES, ttlMs: 300_000, clock: systemClock })
  const uncachedSamples = await timesOf((at) => set.decide(requestAt(workload, at), atMs), workload, calls * 10)
  const cachedSamples = await timesOf((at) => cached.decide(requestAt(workload, at), atMs), workload, calls * 10)

  const casbin = await askCasbin(workload.rules)
  const cedar = askCedar(workload.rules)
  const few = callsOfOthers(calls, size)
  const baselines: readonly Measured[] = [
    {
      name: 'casbin enforceSync, deny-override',
      samples: await timesOf((at) => casbin(requestAt(workload, at)), workload, few),
    },
    {
      name: 'cedar-wasm statefulIsAuthorized',
      samples: await timesOf((at) => cedar(requestAt(workload, at)), workload, few),
    },
  ]
  return [
    ...baselines.map((baseline) =>
      toResult({ name: `policy.decide ${size}`, unit: 'µs', samples: uncachedSamples, baseline }),
    ),
    toResult({
      name: `policy.decide-cached ${size}`,
      unit: 'µs',
      samples: cachedSamples,
      baseline: { name: 'the same without a cache', samples: uncachedSamples },
    }),
  ]
}

export const policy: Bench = {
  name: 'policy',
  async run(options) {
    const results: BenchResult[] = []
    for (const size of SIZES) results.push(...(await measure(size, options)))
    return results
  },
}
