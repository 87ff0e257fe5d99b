import type { AgentId } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lifecycle, setUpLifecycle } from './lifecycle-fixture'

const ALL = { filter: {}, sort: { by: 'created', descending: false }, offset: 0, limit: 200 } as const

const populate = async (lab: Lifecycle, names: readonly string[]): Promise<AgentId[]> => {
  const ids: AgentId[] = []
  for (const [n, name] of names.entries()) {
    const priority = n % 2 === 0 ? 'low' : 'critical'
    ids.push((await lab.create({ name, description: `the ${name}`, priority })).id)
    lab.clock.advance(1)
  }
  return ids
}

describe('a page of agents', () => {
  it('is a window of what the filter leaves, in the order that was asked for', async () => {
    const lab = setUpLifecycle()
    await populate(lab, ['Delta', 'alpha', 'Charlie', 'bravo'])
    const names = (query: Partial<Parameters<typeof lab.agents.page>[0]>) =>
      lab.agents.page({ ...ALL, ...query }).items.map(({ name }) => name)
    expect(names({})).toEqual(['Delta', 'alpha', 'Charlie', 'bravo'])
    expect(names({ sort: { by: 'name', descending: false } })).toEqual(['alpha', 'bravo', 'Charlie', 'Delta'])
    expect(names({ sort: { by: 'name', descending: true }, offset: 1, limit: 2 })).toEqual(['Charlie', 'bravo'])
    expect(
      names({ sort: { by: 'priority', descending: true } })
        .slice(0, 2)
        .sort(),
    ).toEqual(['alpha', 'bravo'])
    expect(names({ filter: { text: ' ALPHA ' } })).toEqual(['alpha'])
    expect(names({ filter: { text: 'the c' } })).toEqual(['Charlie'])
    expect(names({ filter: { priorities: ['low'], text: 'delt' } })).toEqual(['Delta'])
    expect(names({ offset: 9 })).toEqual([])
  })

  it('counts by state what the rest of the filter leaves, so that the counts beside each state stay', async () => {
    const lab = setUpLifecycle()
    const [first, second] = await populate(lab, ['one', 'two', 'three'])
    if (first === undefined || second === undefined) throw new Error('none was made')
    await lab.begin(first)
    await lab.runs.stop(lab.asking(), second, 'enough')
    expect(lab.agents.page({ ...ALL, filter: { states: ['Running'] } })).toMatchObject({
      items: [{ id: first, state: 'Running', liveRuns: 1 }],
      matched: 1,
      total: 3,
      countByState: { Running: 1, Terminated: 1, Created: 1 },
    })
    expect(lab.agents.page({ ...ALL, filter: { text: 'two' } }).countByState).toEqual({ Terminated: 1 })
    expect(lab.agents.list(['Created']).map(({ name }) => name)).toEqual(['three'])
  })

  it('joins without a gap to the pages before and after it, and to the ids', async () => {
    const lab = setUpLifecycle()
    await populate(
      lab,
      Array.from({ length: 25 }, (_, n) => `agent ${n % 5}`),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('created', 'name', 'state', 'changed', 'priority'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        (by, descending, limit) => {
          const sort = { by, descending }
          const ids: AgentId[] = []
          for (let offset = 0; offset < 25; offset += limit)
            ids.push(...lab.agents.page({ filter: {}, sort, offset, limit }).items.map(({ id }) => id))
          expect(ids).toEqual(lab.agents.ids({ filter: {}, sort, limit: 10_000 }))
          expect(new Set(ids).size).toBe(25)
        },
      ),
    )
  })

  it('follows an edit and the newest run', async () => {
    const lab = setUpLifecycle()
    const { id, definition } = await lab.create({ name: 'before' })
    await lab.agents.edit(lab.asking(), {
      id,
      baseVersion: 1,
      definition: { ...definition, name: 'after', priority: 'high' },
      note: '',
    })
    const run = await lab.begin(id)
    lab.sandbox(run.id).end({ exitCode: 1 })
    await lab.runs.ended(run.id)
    expect(lab.agents.page({ ...ALL, filter: { text: 'after', priorities: ['high'] } }).items).toMatchObject([
      { id, version: 2, lastExecution: { id: run.id, state: 'failed', endCause: 'program-error' } },
    ])
    expect(lab.agents.page({ ...ALL, filter: { text: 'before' } }).matched).toBe(0)
  })

  it('counts no agent twice against the most that may exist, however many are made at once', async () => {
    const lab = setUpLifecycle({ maxAgents: 5 })
    const made = await Promise.allSettled(Array.from({ length: 9 }, () => lab.create()))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    const [first] = lab.agents.list()
    if (first === undefined) throw new Error('none was made')
    await lab.runs.stop(lab.asking(), first.id, 'room for another')
    expect((await lab.create()).state).toBe('Created')
    await expect(lab.create()).rejects.toMatchObject({ code: 'AGENT_007' })
  })
})
