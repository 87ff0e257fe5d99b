import type { AgentId, AgentState, ExecutionId } from '@contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAgentIndex } from './agent-index'
import { type Lifecycle, setUpLifecycle } from './lifecycle-fixture'
import { isLegal } from './transitions'

/** What a person, a program or a back-end does next; the numbers choose an agent and one of its runs. */
type Step =
  | { readonly do: 'run' | 'suspend' | 'resume' | 'stop'; readonly agent: number }
  | {
      readonly do: 'succeed' | 'fail' | 'cancel' | 'preempt' | 'lose' | 'find'
      readonly agent: number
      readonly run: number
    }
  | { readonly do: 'cancelWaiting'; readonly agent: number; readonly run: number }

/** The whole lifecycle in a few facts. */
interface Model {
  readonly id: AgentId
  readonly concurrency: number
  isSuspended: boolean
  isRetired: boolean
  rest: 'Created' | 'Ready' | 'Completed' | 'Failed'
  waiting: ExecutionId[]
  live: { readonly id: ExecutionId; isLost: boolean }[]
}

const stateOf = ({ isRetired, isSuspended, rest, live }: Model): AgentState => {
  if (isRetired) return 'Terminated'
  if (isSuspended) return 'Suspended'
  if (live.length === 0) return rest
  return live.every(({ isLost }) => isLost) ? 'Waiting' : 'Running'
}

const NUMBER = fc.nat({ max: 7 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('run' as const), agent: NUMBER }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('succeed', 'fail', 'cancel', 'preempt', 'lose', 'find', 'cancelWaiting'),
      agent: NUMBER,
      run: NUMBER,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('suspend', 'suspend', 'resume', 'resume', 'stop'), agent: NUMBER }),
  },
)

/** What may start does. */
const fill = (model: Model): void => {
  while (!model.isSuspended && !model.isRetired && model.live.length < model.concurrency) {
    const next = model.waiting.shift()
    if (next === undefined) return
    model.live.push({ id: next, isLost: false })
  }
}

/** A run is gone; where it leaves its agent. */
const over = (model: Model, id: ExecutionId, rest: Model['rest']): void => {
  model.live = model.live.filter((run) => run.id !== id)
  if (model.live.length > 0) return
  if (model.isSuspended && rest === 'Ready') return
  model.isSuspended = false
  model.rest = rest
}

const refused = (act: Promise<unknown>): Promise<void> => expect(act).rejects.toMatchObject({ code: 'AGENT_002' })

const take = async (lab: Lifecycle, model: Model, next: Step): Promise<void> => {
  const { id } = model
  const { runs } = lab
  const run = 'run' in next && model.live.length > 0 ? model.live[next.run % model.live.length] : undefined
  switch (next.do) {
    case 'run': {
      const asked = runs.start(lab.asking(), { id, input: null })
      if (model.isRetired || model.isSuspended) return refused(asked)
      model.waiting.push((await asked).id)
      return
    }
    case 'suspend': {
      const asked = runs.suspend(lab.asking(), id, 'look closer')
      if (!['Ready', 'Running', 'Waiting'].includes(stateOf(model))) return refused(asked)
      await asked
      model.isSuspended = true
      expect(model.live.map((one) => lab.sandbox(one.id).isPaused())).toEqual(model.live.map(() => true))
      return
    }
    case 'resume': {
      const asked = runs.resume(lab.asking(), id, 'go on')
      if (!model.isSuspended || model.isRetired) return refused(asked)
      await asked
      model.isSuspended = false
      model.rest = 'Ready'
      expect(model.live.map((one) => lab.sandbox(one.id).isPaused())).toEqual(model.live.map(() => false))
      return
    }
    case 'stop': {
      const asked = runs.stop(lab.asking(), id, 'enough')
      if (model.isRetired) return refused(asked)
      await asked
      Object.assign(model, { isRetired: true, live: [], waiting: [] })
      return
    }
    case 'cancelWaiting': {
      const waiting = model.waiting[next.run % Math.max(1, model.waiting.length)]
      if (waiting === undefined) return
      await runs.cancel(lab.asking(), waiting, 'not needed')
      model.waiting = model.waiting.filter((other) => other !== waiting)
      return
    }
    default:
  }
  if (run === undefined) return
  switch (next.do) {
    case 'succeed':
    case 'fail':
      lab.sandbox(run.id).end({ exitCode: next.do === 'succeed' ? 0 : 1 })
      await runs.ended(run.id)
      over(model, run.id, next.do === 'succeed' ? 'Completed' : 'Failed')
      return
    case 'cancel':
      await runs.cancel(lab.asking(), run.id, 'not now')
      over(model, run.id, 'Ready')
      return
    case 'preempt': {
      lab.started(run.id)?.preempt()
      await runs.ended(run.id)
      const successor = runs.list({ agentId: id, limit: 1 })[0]
      expect(successor).toMatchObject({ origin: 'preemption' })
      over(model, run.id, 'Ready')
      if (successor !== undefined) model.waiting.push(successor.id)
      return
    }
    case 'lose':
    case 'find':
      run.isLost = next.do === 'lose'
      lab.sandbox(run.id).link(run.isLost ? 'lost' : 'back', 'the back-end')
      return
    default:
  }
}

/** Everything that the tables say, against the model. */
const agrees = async (lab: Lifecycle, models: readonly Model[]): Promise<void> => {
  for (const model of models) {
    fill(model)
    await lab
      .until(() => {
        const { state, liveRuns, queuedRuns } = lab.agents.summary(model.id)
        const running = model.live.filter(({ id }) => lab.runs.get(id).state === 'running').length
        return { state, liveRuns, queuedRuns, running }
      })
      .toEqual({
        state: stateOf(model),
        liveRuns: model.live.length,
        queuedRuns: model.waiting.length,
        running: model.live.length,
      })
  }
}

const PAGE = { filter: {}, sort: { by: 'created', descending: false }, offset: 0, limit: 200 } as const

it('L2, L3, L5, L6: whatever is asked in whatever order, agents are where the model says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const lab = setUpLifecycle()
      const models: Model[] = []
      for (const concurrency of [1, 1, 3])
        models.push({
          id: (await lab.create({ concurrency })).id,
          concurrency,
          isSuspended: false,
          isRetired: false,
          rest: 'Created',
          waiting: [],
          live: [],
        })
      for (const next of steps) {
        const model = models[next.agent % models.length]
        if (model === undefined) throw new Error('there is no such agent')
        await take(lab, model, next)
        await agrees(lab, models)
      }
      for (const model of models) {
        if (!model.isRetired) await take(lab, model, { do: 'stop', agent: 0 })
        // Each change follows from the one before it, by the table.
        const timeline = lab.agents.timeline(model.id)
        for (const [index, change] of timeline.entries()) {
          const before = timeline[index - 1]?.to ?? null
          expect(change.from).toBe(before)
          if (before !== null) expect(isLegal(before, change.to), `${before} to ${change.to}`).toBe(true)
        }
        expect(timeline.at(-1)?.to).toBe('Terminated')
      }
      await agrees(lab, models)
      const open = lab.store.get('SELECT 1 FROM executions WHERE ended_at IS NULL')
      expect(open).toBeUndefined()
      expect(lab.queue.size).toBe(0)
      expect([...lab.reserved.values(), ...lab.releases.values()].every((times) => times === 1)).toBe(true)
      expect(new Set(lab.releases.keys())).toEqual(new Set(lab.reserved.keys()))
      const afresh = createAgentIndex({ sql: lab.store, restartState: () => null })
      expect(afresh.page(PAGE)).toEqual(lab.agents.page(PAGE))
      expect(await lab.audit.verify()).toMatchObject({ ok: true })
      await lab.close()
    }),
    { numRuns: 60, interruptAfterTimeLimit: 15_000 },
  )
}, 60_000)
