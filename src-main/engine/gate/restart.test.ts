import type { ApprovalId } from '@contract'
import { expect, it, vi } from 'vitest'
import { cli, held, type Plain, RULES_THAT_ASK, request, setUp } from './fixtures/set-up'

const by = { kind: 'cli', id: 'ada' } as const
const deletion = { caller: cli, tier: undefined, action: 'secret.delete', resource: 'demo/key' } as const

const start = (before?: { dir: string; atMs: number }) => {
  const parts = setUp(undefined, RULES_THAT_ASK, before === undefined ? {} : { dir: before.dir, startMs: before.atMs })
  const { gate, approvals, store, policy, clock, dir } = parts
  return {
    ...parts,
    ask: (facts: Partial<Plain>, act: () => Promise<unknown> = async () => 'done') => {
      const result = gate.perform(request(facts), act)
      // A wait that ends with the engine is looked at later or never.
      result.catch(() => undefined)
      return result
    },
    approve: (id: ApprovalId) =>
      store.write((tx) =>
        approvals.decide(tx, { decision: 'approve', id, digest: approvals.row(tx, id).digest, scope: 'once' }, by),
      ),
    /** The engine ends and starts again after a while. */
    async restart(passedMs: number) {
      await approvals.close()
      policy.close()
      await store.close()
      const next = start({ dir, atMs: clock.nowMs() + passedMs })
      await next.approvals.reconcile()
      return next
    },
  }
}

it('closes what a run asked for, since no run outlives the engine, and says why', async () => {
  const before = start()
  const result = before.ask({ action: 'tool.call', resource: 'files.read' })
  const { id } = await held(before.approvals)
  const after = await before.restart(1000)
  await expect(result).rejects.toMatchObject({ code: 'APPROVAL_005' })
  expect(after.approvals.row(after.store, id)).toMatchObject({
    status: 'cancelled',
    decided_by_kind: 'engine',
    decision_reason: 'The run that asked ended with the console.',
  })
  expect(after.records().find(({ action }) => action === 'approval.cancelled')).toMatchObject({ outcome: 'denied' })
  expect(await after.verify()).toMatchObject({ ok: true })
})

it('keeps what a person asked for, with its deadline; approved then, it is done when they ask again, once', async () => {
  const before = start()
  before.ask(deletion)
  const { id, deadline } = await held(before.approvals)
  const after = await before.restart(60_000)
  expect(after.approvals.row(after.store, id)).toMatchObject({ status: 'pending', deadline })
  await after.approve(id)
  const act = vi.fn(async () => 'deleted')
  expect(await after.ask(deletion, act)).toBe('deleted')
  expect(after.approvals.row(after.store, id)).toMatchObject({ result: 'success' })
  const again = after.ask(deletion, act)
  expect((await held(after.approvals)).id).not.toBe(id)
  after.clock.advance(300_000)
  await expect(again).rejects.toMatchObject({ code: 'APPROVAL_002' })
  expect(act).toHaveBeenCalledOnce()
})

it('joins a person who asks again to the request that still waits, and only one of two who do so at once', async () => {
  const before = start()
  before.ask(deletion)
  const { id } = await held(before.approvals)
  const after = await before.restart(1000)
  const [first, second] = [after.ask(deletion), after.ask(deletion)]
  const newest = await held(after.approvals, 2)
  await after.approve(id)
  await after.approve(newest.id)
  expect(await Promise.all([first, second])).toEqual(['done', 'done'])
})

it('does not keep a yes that nobody used for longer than a quarter of an hour', async () => {
  const before = start()
  before.ask(deletion)
  const { id } = await held(before.approvals)
  const after = await before.restart(0)
  await after.approve(id)
  after.clock.advance(15 * 60_000)
  const asked = after.ask(deletion)
  await held(after.approvals)
  after.clock.advance(300_000)
  await expect(asked).rejects.toMatchObject({ code: 'APPROVAL_002' })
})

it('denies at once what is overdue, and in time what is not yet', async () => {
  const before = start()
  before.ask(deletion)
  const first = await held(before.approvals)
  before.clock.advance(200_000)
  before.ask({ ...deletion, resource: 'demo/other' })
  const second = await held(before.approvals, 2)
  const after = await before.restart(100_000)
  expect(after.approvals.row(after.store, first.id).status).toBe('timeout')
  expect(after.approvals.row(after.store, second.id).status).toBe('pending')
  await expect(after.approve(first.id)).rejects.toMatchObject({ code: 'APPROVAL_003' })
  after.clock.advance(200_000)
  await expect.poll(() => after.approvals.row(after.store, second.id).status).toBe('timeout')
})

it('says that it does not know what came of an act that was approved when the engine was killed', async () => {
  const before = start()
  before.ask({ action: 'tool.call', resource: 'files.read' }, () => new Promise(() => undefined))
  const { id } = await held(before.approvals)
  await before.approve(id)
  const after = await before.restart(0)
  expect(after.approvals.row(after.store, id)).toMatchObject({ status: 'approved', result: 'unknown' })
})
