import type { AgentDefinition, AgentId, Schedule, ScheduleDefinition } from '@contract'
import { isRuntimeError } from '../../core'
import type { Engine } from '../../engine'
import { asAgent, asking } from './open-engine'
import { kept, messageKey, trying } from './said'

/** Everything that goes on at once until the process is killed. */

const MOST_AGENTS = 24
const MOST_SECRETS = 12
const MOST_SCHEDULES = 8
/** Runs under way or waiting; more would only wait. */
const MOST_RUNS = 6

const PROGRAM = `import { run } from 'symbi'
await run(async ({ input, memory }) => {
  await memory.put('n', input.n)
  if (input.n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 150))
  return input
})
`

const definitionOf = (engine: Engine, name: string, description: string): AgentDefinition => {
  const hello = engine.templates.find(({ id }) => id === 'hello')
  if (hello === undefined) throw new Error('the template hello is gone')
  return {
    ...hello.definition,
    name,
    description,
    securityTier: 'tier0',
    source: { language: 'javascript', text: PROGRAM },
    limits: { ...hello.definition.limits, memoryMb: 64, cpuCores: 0.25, diskIoMbps: 1, networkIoMbps: 1 },
    concurrency: 2,
    capabilities: ['memory', 'messages'],
    messages: ['agent/**', 'topic/**'],
  }
}

/** Any of them, by chance. */
const anyOf = <T>(things: readonly T[]): T | undefined => things[Math.floor(Math.random() * things.length)]

interface World {
  readonly engine: Engine
  readonly agents: { readonly id: AgentId; version: number }[]
}

const agentsComeAndChange = async ({ engine, agents }: World): Promise<never> => {
  for (let n = 0; ; n += 1) {
    if (agents.length < MOST_AGENTS) {
      const description = `made ${n}`
      const made = await engine.agents.create(asking(), definitionOf(engine, `Agent ${agents.length}`, description))
      kept(`agent:${made.id}`, `1 ${description}`)
      agents.push({ id: made.id, version: 1 })
    } else {
      const agent = anyOf(agents)
      if (agent === undefined) continue
      const description = `changed ${n}`
      const value = `${agent.version + 1} ${description}`
      const { name } = engine.agents.summary(agent.id)
      trying(`agent:${agent.id}`, value)
      const definition = definitionOf(engine, name, description)
      await engine.agents.edit(asking(), { id: agent.id, baseVersion: agent.version, definition, note: '' })
      agent.version += 1
      kept(`agent:${agent.id}`, value)
    }
  }
}

/** A run is asked for on the version that was seen; an edit just then refuses it. */
const refusedBecauseEdited = (error: unknown): null => {
  if (isRuntimeError(error) && error.code === 'AGENT_003') return null
  throw error
}

const runsStartAndEnd = async ({ engine, agents }: World): Promise<never> => {
  for (let n = 0; ; n += 1) {
    const agent = anyOf(agents)
    if (agent === undefined) {
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    const run = await engine.runs.start(asking(), { id: agent.id, input: { n } }).catch(refusedBecauseEdited)
    if (run === null) continue
    kept(`run:${run.id}`, 'asked')
    const { state } = await engine.runs.ended(run.id)
    kept(`run:${run.id}`, state)
  }
}

const secretsComeAndGo = async ({ engine }: World, prefix: string): Promise<never> => {
  const names: string[] = []
  for (let n = 0; ; n += 1) {
    if (names.length < MOST_SECRETS) {
      const [name, value] = [`kill/${prefix}-${n}`, `value ${prefix} ${n}`]
      trying(`secret:${name}`, value)
      await engine.secrets.create(asking(), { name, value, description: '' })
      kept(`secret:${name}`, value)
      names.push(name)
    } else {
      const name = names.shift()
      if (name === undefined) continue
      trying(`secret:${name}`, null)
      await engine.secrets.delete(asking(), name)
      kept(`secret:${name}`, null)
    }
  }
}

const scheduleOf = (agentId: AgentId, name: string): ScheduleDefinition => ({
  name,
  agentId,
  when: { kind: 'cron', pattern: '*/20 * * * * *', zone: 'UTC' },
  input: { n: 1 },
  priority: 'low',
  jitterMs: 0,
  catchUp: 'none',
  maxConcurrent: 1,
  maxRetries: 0,
  retryDelayMs: 1_000,
  deadLetterAfter: 100,
  keepRuns: 10,
})

const schedulesComeAndGo = async ({ engine, agents }: World): Promise<never> => {
  const made: Schedule[] = []
  for (let n = 0; ; n += 1) {
    const agent = anyOf(agents)
    if (agent === undefined) {
      await new Promise((resolve) => setImmediate(resolve))
    } else if (made.length < MOST_SCHEDULES) {
      const schedule = await engine.schedules.create(asking(), scheduleOf(agent.id, `Schedule ${n}`))
      kept(`schedule:${schedule.id}`, `Schedule ${n}`)
      made.push(schedule)
    } else if (n % 2 === 0) {
      const schedule = made.shift()
      if (schedule === undefined) continue
      trying(`schedule:${schedule.id}`, null)
      await engine.schedules.remove(asking(), schedule.id, 'no longer wanted')
      kept(`schedule:${schedule.id}`, null)
    } else {
      const schedule = anyOf(made)
      if (schedule === undefined) continue
      const { version, definition } = engine.schedules.get(schedule.id)
      const name = `Renamed ${n}`
      trying(`schedule:${schedule.id}`, name)
      await engine.schedules.edit(asking(), {
        id: schedule.id,
        baseVersion: version,
        definition: { ...definition, name },
      })
      kept(`schedule:${schedule.id}`, name)
    }
  }
}

const ruleOf = (n: number): string => `
  - id: "swapped ${n}"
    effect: Allow
    match: { resource_type: Memory, resources: ["self/swap-${n}"] }
`

const policiesAreSwapped = async ({ engine }: World): Promise<never> => {
  // Without the tests that the file holds of itself, which would be run at each swap.
  const base = engine.policy
    .view()
    .text.replace(/^tests:[\s\S]*/m, '')
    .replace(/\n {2}- id: "swapped[\s\S]*/, '\n')
  for (let n = 0; ; n += 1) {
    const text = `${base.trimEnd()}\n${ruleOf(n)}# ${Date.now()}\n`
    trying('policy', text)
    await engine.policy.save(asking(), { baseHash: engine.policy.view().textHash, text })
    kept('policy', text)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}

/** How many messages one agent gets before it reads them. */
const BURST = 8

const messagesAreSentAndRead = async ({ engine, agents }: World): Promise<never> => {
  const acknowledged = new Set<string>()
  for (let n = 0; ; n += 1) {
    const [from, to] = [anyOf(agents), anyOf(agents)]
    if (from === undefined || to === undefined || from === to) {
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    const sends = Array.from({ length: BURST }, async (_, index) => {
      const payload = Buffer.from(JSON.stringify({ n, index }))
      const { id } = await engine.bus.send(asAgent(engine, from.id), { to: to.id, payload })
      kept(messageKey(id, to.id), 'sent')
    })
    await Promise.all(sends)
    const reader = asAgent(engine, to.id)
    const received = await engine.bus.receive(reader, { max: BURST, waitMs: 0 })
    // Half of what was read is acknowledged: the rest is handed over again, also to the next life of the engine.
    const dealtWith = received.filter((_, index) => index % 2 === 0)
    for (const { id } of dealtWith) {
      if (acknowledged.has(id)) throw new Error(`message ${id} was handed over after it had been acknowledged`)
      trying(messageKey(id, to.id), 'acknowledged')
    }
    await engine.bus.acknowledge(
      reader,
      dealtWith.map(({ id }) => id),
    )
    for (const { id } of dealtWith) {
      acknowledged.add(id)
      kept(messageKey(id, to.id), 'acknowledged')
    }
  }
}

/** Never resolves; rejects when something fails that should not. */
export const work = async (engine: Engine, round: string): Promise<never> => {
  const world: World = { engine, agents: [] }
  return Promise.race([
    agentsComeAndChange(world),
    secretsComeAndGo(world, round),
    schedulesComeAndGo(world),
    policiesAreSwapped(world),
    messagesAreSentAndRead(world),
    ...Array.from({ length: MOST_RUNS }, () => runsStartAndEnd(world)),
  ])
}
