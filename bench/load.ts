/**
 * Claim: thousands of agents cost the list nothing, and a thousand runs at once end in order: every one in a final state,
 * no process, container, slot or grant left behind, the audit trail whole, and the main thread free meanwhile.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AgentDefinition, AgentId, Execution } from '@contract'
import type { Engine } from '../src-main/engine/engine'
import { asking, template, withEngine, withFolder } from './bench-engine'
import { agentProcesses, containersOf, untilNone } from './leftovers'
import { withLoopDelay } from './loop-delay'
import { type Baseline, type Bench, type BenchOptions, type BenchResult, toResult } from './result'
import { rounded, summarise } from './stats'

/** As many as a page of the console shows. */
const PAGE_ROWS = 100
/** How many calls are under way at once while agents are made and runs are asked for. */
const AT_ONCE = 64
const GONE_WITHIN_MS = 15_000
/** As many short tasks as fit at once on two cores, a tenth of which is held back, at a quarter of a core each. */
const PROCESSES_AT_ONCE = 7

const TOML = `[lifecycle]
max_agents = 100000
[sandbox]
allow_tier0 = true
`

const PROGRAM = `import { run } from 'symbi'\nawait run(async ({ input }) => ({ n: input.n }))\n`

const SORTS = ['created', 'name', 'state', 'changed', 'priority'] as const

/** A short task; its share of the machine lets several run at once on two cores. */
const shortTask = (engine: Engine, change: Partial<AgentDefinition>): AgentDefinition => {
  const hello = template(engine, 'hello')
  return {
    ...hello,
    source: { language: 'javascript', text: PROGRAM },
    limits: { ...hello.limits, memoryMb: 128, cpuCores: 0.25, diskIoMbps: 10, networkIoMbps: 1 },
    ...change,
  }
}

/** Do it for 0 to `count`, some at once, in order. */
const forEachNumber = async <T>(count: number, act: (number: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = []
  for (let from = 0; from < count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => from + index)
    results.push(...(await Promise.all(numbers.map(act))))
  }
  return results
}

const createMany = (engine: Engine, count: number, definition: AgentDefinition): Promise<AgentId[]> =>
  forEachNumber(count, async (number) => {
    const name = `${definition.name} ${String(number + 1).padStart(4, '0')}`
    return (await engine.agents.create(asking(), { ...definition, name })).id
  })

/** Microseconds that one page takes, by turns through every order, at places all over the list. */
const pageTimes = (engine: Engine, calls: number, text: string | undefined): number[] =>
  Array.from({ length: calls }, (_, call) => {
    const by = SORTS[call % SORTS.length] ?? 'created'
    const beganMs = performance.now()
    const page = engine.agents.page({
      filter: text === undefined ? {} : { text },
      sort: { by, descending: call % 2 === 0 },
      offset: (call * 37 * PAGE_ROWS) % 4_000,
      limit: PAGE_ROWS,
    })
    const tookUs = (performance.now() - beganMs) * 1000
    if (page.total === 0) throw new Error('The list is empty.')
    return tookUs
  })

interface Ran {
  readonly runs: readonly Execution[]
  readonly wallMs: number
}

/** Create agents, queue a run of each at once, and wait until all have ended. */
const runMany = async (engine: Engine, count: number, definition: AgentDefinition): Promise<Ran> => {
  const beganMs = performance.now()
  const ids = await createMany(engine, count, definition)
  const queued = await forEachNumber(count, (number) => {
    const id = ids[number]
    if (id === undefined) throw new Error('An agent is missing.')
    return engine.runs.start(asking(), { id, input: { n: number } })
  })
  const runs = await Promise.all(queued.map(({ id }) => engine.runs.ended(id)))
  return { runs, wallMs: performance.now() - beganMs }
}

/** What must hold once everything has ended; each sentence is a fault. */
const faultsAfter = async (engine: Engine, { runs }: Ran): Promise<string[]> => {
  const faults: string[] = []
  const bad = runs.filter(({ state }) => state !== 'succeeded')
  const [first] = bad
  if (first !== undefined)
    faults.push(`${bad.length} of ${runs.length} runs did not succeed, the first: ${first.errorMessage ?? first.state}`)
  const open = runs.filter(({ agentId }) => engine.agents.state(agentId) !== 'Completed')
  if (open.length > 0) faults.push(`${open.length} agents are not Completed`)
  const status = engine.scheduler.status()
  if (status.running !== 0 || status.queued !== 0)
    faults.push(`the scheduler counts ${status.running} running and ${status.queued} waiting`)
  const { allocations, granted } = engine.resources.overview()
  if (allocations.length !== 0 || Object.values(granted).some((amount) => amount !== 0))
    faults.push(`${allocations.length} grants are left: ${JSON.stringify(granted)}`)
  const children = await untilNone(agentProcesses, GONE_WITHIN_MS)
  if (children.length > 0) faults.push(`processes are left: ${children.join(', ')}`)
  return faults
}

/** The same number of processes at once that start, do nothing and end: what the machine itself can do. */
const bareProcesses = async (count: number): Promise<number> => {
  const beganMs = performance.now()
  let left = count
  const oneAfterTheOther = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const child = spawn(process.execPath, ['-e', '0'], { stdio: ['pipe', 'pipe', 'pipe'] })
      await once(child, 'close')
    }
  }
  await Promise.all(Array.from({ length: PROCESSES_AT_ONCE }, oneAfterTheOther))
  return (count / (performance.now() - beganMs)) * 1000
}

const waits = (runs: readonly Execution[]): number[] => runs.map((run) => run.startedAtMs - run.queuedAtMs)
const takes = (runs: readonly Execution[]): number[] => runs.map((run) => (run.endedAtMs ?? 0) - run.startedAtMs)

/** The figures of one load, with how the main thread was meanwhile. */
const load = async (
  engine: Engine,
  order: { readonly name: string; readonly count: number; readonly definition: AgentDefinition },
): Promise<{ readonly results: BenchResult[]; readonly faults: readonly string[] }> => {
  const { name, count, definition } = order
  const { value: ran, delay } = await withLoopDelay(`load.${name}.loop-delay`, () => runMany(engine, count, definition))
  const perSecond = (ran.runs.length / ran.wallMs) * 1000
  return {
    results: [
      toResult({ name: `load.${name}.run`, unit: 'ms', samples: takes(ran.runs) }),
      toResult({ name: `load.${name}.wait`, unit: 'ms', samples: waits(ran.runs) }),
      toResult({ name: `load.${name}.starts`, unit: '/s', samples: [perSecond], value: perSecond }),
      toResult({ name: `load.${name}.wall`, unit: 'ms', samples: [ran.wallMs] }),
      delay,
    ],
    faults: (await faultsAfter(engine, ran)).map((fault) => `${name}: ${fault}`),
  }
}

const withBaseline = (result: BenchResult, baseline: Baseline | undefined): BenchResult =>
  baseline === undefined || baseline.p50 === 0
    ? result
    : { ...result, baseline, ratio: rounded(result.p50 / baseline.p50) }

const measure = async ({ calls, progress }: BenchOptions, engine: Engine): Promise<BenchResult[]> => {
  const [registered, tasks, containers] = [calls * 2.5, calls / 2, calls / 40]
  const faults: string[] = []
  const results: BenchResult[] = []

  progress(`load: ${registered} agents`)
  const idle = shortTask(engine, { name: 'Registered' })
  const made = await withLoopDelay('load.create.loop-delay', () => createMany(engine, registered, idle))
  pageTimes(engine, 100, undefined)
  results.push(
    made.delay,
    toResult({ name: 'load.page', unit: 'µs', samples: pageTimes(engine, calls, undefined) }),
    toResult({ name: 'load.page-filtered', unit: 'µs', samples: pageTimes(engine, calls, '42') }),
  )

  progress(`load: ${tasks} agents, created, queued and run as plain processes`)
  const plain = shortTask(engine, { name: 'Task', securityTier: 'tier0' })
  const first = await load(engine, { name: 'tier0', count: tasks, definition: plain })
  const bare = await withLoopDelay('bare', () => bareProcesses(Math.ceil(tasks / 5)))
  const baselines: Readonly<Record<string, Baseline>> = {
    'load.tier0.starts': { name: 'node -e 0, seven at once', ...summarise([bare.value]), value: rounded(bare.value) },
    'load.tier0.loop-delay': {
      name: 'the same loop while bare processes start',
      n: bare.delay.n,
      p50: bare.delay.p50,
      p95: bare.delay.p95,
      p99: bare.delay.p99,
    },
  }

  progress(`load: a first container, not counted (the image is made where it is missing)`)
  const walled = shortTask(engine, { name: 'Container', securityTier: 'tier1' })
  await runMany(engine, 1, { ...walled, name: 'First container' })
  progress(`load: ${containers} agents in containers`)
  const second = await load(engine, { name: 'tier1', count: containers, definition: walled })
  const left = await untilNone(() => containersOf(engine), GONE_WITHIN_MS)
  if (left.length > 0) faults.push(`containers are left: ${left.join(', ')}`)

  progress('load: the audit trail is verified')
  const verified = await engine.audit.verify()
  if (!verified.ok) faults.push(`the audit trail does not verify: ${verified.problem ?? 'no reason given'}`)
  faults.push(...first.faults, ...second.faults)
  results.push(...first.results.map((result) => withBaseline(result, baselines[result.name])), ...second.results)
  for (const fault of faults) progress(`load: FAULT: ${fault}`)
  // The figures are still printed; that something is wrong shows in the exit code.
  if (faults.length > 0) process.exitCode = 1
  return results
}

export const loadOfAgents: Bench = {
  name: 'load',
  run: (options) => withFolder((folder) => withEngine(folder, (engine) => measure(options, engine), TOML)),
}
