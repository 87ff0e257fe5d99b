import type { AgentId, AgentState, CorrelationId } from '@contract'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock, silentLog } from '../core'
import { type Migration, migrations, openStore, type Store } from '../store'
import { tempDir } from '../testing/temp-dir'
import { setUpLifecycle } from './lifecycle-fixture'
import { changeState, insertAgent, timelineOf } from './timeline'

const correlationId = 'c' as CorrelationId

const open = (dir: string, steps: readonly Migration[] = migrations): Store => {
  const store = openStore({ dir, clock: createManualClock(), log: silentLog, migrations: steps })
  onTestFinished(() => store.close())
  return store
}

describe('a timeline', () => {
  it('L2: holds every change of its agent, in order, however those of others lie between', async () => {
    const store = open(tempDir())
    const ids = ['a', 'b', 'c'] as AgentId[]
    const wanted = new Map<AgentId, string[]>(ids.map((id) => [id, ['created']]))
    await store.write((tx) => {
      for (const id of ids) insertAgent(tx, { id, at: 1, correlationId })
    })
    const states = new Map<AgentId, AgentState>(ids.map((id) => [id, 'Created']))
    const moves = fc.sample(fc.tuple(fc.constantFrom(...ids), fc.constantFrom('Ready', 'Suspended' as const)), 200)
    for (const [n, [id, to]] of moves.entries()) {
      const from = states.get(id) ?? 'Created'
      const change = { id, from, to, reason: `step ${n}`, at: n, correlationId }
      expect(await store.write((tx) => changeState(tx, change))).toBe(true)
      states.set(id, to)
      wanted.get(id)?.push(`step ${n}`)
    }
    for (const id of ids) {
      const timeline = timelineOf(store, id)
      expect(timeline.map(({ reason }) => reason)).toEqual(wanted.get(id))
      expect(timeline.slice(1).map(({ from }) => from)).toEqual(timeline.slice(0, -1).map(({ to }) => to))
    }
    expect(timelineOf(store, 'nobody' as AgentId)).toEqual([])
  })

  it('keeps nothing of a change that was rolled back, and goes on', async () => {
    const lab = setUpLifecycle()
    const { id } = await lab.create({})
    const move = (to: AgentState): Promise<void> =>
      lab.store.write((tx) => lab.agents.move(tx, { id, to, reason: `to ${to}`, correlationId }))
    await move('Initializing')
    await expect(
      lab.store.write((tx) => {
        lab.agents.move(tx, { id, to: 'Ready', reason: 'undone', correlationId })
        throw new Error('undo')
      }),
    ).rejects.toMatchObject({ code: 'INTERNAL_001' })
    await expect(move('Waiting')).rejects.toMatchObject({ code: 'AGENT_002' })
    const stale = { id, from: 'Suspended', to: 'Ready', reason: 'stale', at: 1, correlationId } as const
    expect(await lab.store.write((tx) => changeState(tx, stale))).toBe(false)
    await move('Ready')
    expect(lab.agents.timeline(id).map(({ reason }) => reason)).toEqual(['created', 'to Initializing', 'to Ready'])
  })

  it('of a database of the version before is found as it was', async () => {
    const dir = tempDir()
    const before = open(
      dir,
      migrations.filter(({ version }) => version < 110),
    )
    await before.write((tx) => {
      for (const id of ['a', 'b'])
        tx.run(
          `INSERT INTO agents (id, state, state_changed_at, version, created_at) VALUES (?, 'Initializing', 2, 1, 1)`,
          [id],
        )
      for (const [id, to] of [
        ['a', 'Created'],
        ['b', 'Created'],
        ['b', 'Initializing'],
        ['a', 'Initializing'],
      ] as const)
        tx.run(
          `INSERT INTO state_changes (agent_id, at, to_state, reason, correlation_id) VALUES (?, 1, ?, 'before', 'c')`,
          [id, to],
        )
    })
    await before.close()
    const store = open(dir)
    const a = 'a' as AgentId
    await store.write((tx) => {
      insertAgent(tx, { id: 'n' as AgentId, at: 3, correlationId })
      changeState(tx, { id: a, from: 'Initializing', to: 'Ready', reason: 'after', at: 3, correlationId })
    })
    const seqs = (id: string): number[] => timelineOf(store, id as AgentId).map(({ seq }) => seq)
    expect([seqs('a'), seqs('b'), seqs('n')]).toEqual([[1, 4, 6], [2, 3], [5]])
    expect(timelineOf(store, a).map(({ to }) => to)).toEqual(['Created', 'Initializing', 'Ready'])
  })
})
