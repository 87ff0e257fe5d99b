import { afterEach, beforeEach, expect, it } from 'vitest'
import { asking, testEngine } from '../testing/test-engine'

let host: Awaited<ReturnType<typeof testEngine>>
beforeEach(async () => {
  host = await testEngine('[scheduler]\nmax_concurrent_tasks = 1\n')
})
afterEach(() => host.close())

const until = async (what: string, condition: () => boolean): Promise<void> => {
  const deadlineMs = performance.now() + 15_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const preempts = () =>
  host
    .engine()
    .audit.list({ filter: {}, limit: 200 })
    .records.filter(({ action }) => action === 'run.preempt')

it('takes a place from a run only by a rule of the policy, and what it took it from runs again (scheduler S10)', async () => {
  const endless = host.definition('await new Promise(() => setInterval(() => {}, 1000))', { priority: 'low' })
  const low = await host.engine().agents.create(asking(), { ...endless, name: 'Low' })
  await host.engine().runs.start(asking(), { id: low.id, input: null })
  await until('the run of low priority', () => host.engine().runs.list({ limit: 5 })[0]?.state === 'running')

  const quick = host.definition('return 1', { priority: 'critical' })
  const urgent = await host.engine().agents.create(asking(), { ...quick, name: 'Urgent' })
  const run = await host.engine().runs.start(asking(), { id: urgent.id, input: null })
  await until('the refusal', () => preempts().length > 0)
  expect(preempts()).toMatchObject([{ outcome: 'denied', code: 'POLICY_001', actor: { kind: 'engine' } }])
  expect(host.engine().runs.get(run.id).state).toBe('queued')

  await host.addRules(
    '  - id: "urgent runs take places"\n    effect: Allow\n' +
      '    match: { principals: [engine], resource_type: Run, operations: [Preempt] }\n',
  )
  await host.engine().runs.ended(run.id)
  expect(host.engine().runs.get(run.id).state).toBe('succeeded')
  expect(preempts()[0]).toMatchObject({ outcome: 'success', resource: 'Run Low' })
  await until('the run of low priority again', () => {
    const [last] = host.engine().runs.list({ agentId: low.id, limit: 5 })
    return last?.origin === 'preemption' && last.state === 'running'
  })
  expect(host.engine().runs.list({ agentId: low.id, limit: 5 }).at(-1)).toMatchObject({ endCause: 'preempted' })
})
