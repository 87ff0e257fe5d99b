import type { ApprovalDetail, CallInput, CallOutput, WireError } from '@contract'
import { makeAdvice, makeApprovals, makeDecided, makeGrants } from './fake-approvals'
import { wire } from './fake-ids'

type Calls = { [C in Extract<keyof Inputs, string>]: (input: Inputs[C]) => CallOutput<C> }
type Inputs = {
  'approvals.list': CallInput<'approvals.list'>
  'approvals.get': CallInput<'approvals.get'>
  'approvals.decide': CallInput<'approvals.decide'>
  'approvals.decideMany': CallInput<'approvals.decideMany'>
  'approvals.grants': CallInput<'approvals.grants'>
  'approvals.revoke': CallInput<'approvals.revoke'>
  'approvals.advice': CallInput<'approvals.advice'>
}

export interface FakeApprovals {
  readonly pendingCount: () => number
  readonly calls: Calls
}

interface Ports {
  readonly count: number
  readonly refuse: (error: WireError) => never
  readonly changed: (pending: number) => void
}

/** A queue in memory that decides, defers, runs out of time and grants. */
export const createFakeApprovals = ({ count, refuse, changed }: Ports): FakeApprovals => {
  let pending = makeApprovals(count)
  let decided = count === 0 ? [] : makeDecided()
  let grants = count === 0 ? [] : makeGrants()
  const announce = () => changed(pending.length)

  const close = (approval: ApprovalDetail, status: 'approved' | 'denied' | 'timeout', reason: string | null) => {
    const byEngine = status === 'timeout'
    const next: ApprovalDetail = {
      ...approval,
      status,
      decision: {
        by: byEngine ? { kind: 'engine', id: 'approvals' } : { kind: 'operator', id: 'desktop' },
        atMs: Date.now(),
        scope: status === 'approved' ? 'once' : null,
        minutes: null,
        reason,
        grantId: null,
      },
      result: status === 'approved' ? { outcome: 'success', code: null, atMs: Date.now() } : null,
    }
    pending = pending.filter(({ id }) => id !== approval.id)
    decided = [next, ...decided]
    announce()
    return next
  }
  const find = (id: string): ApprovalDetail =>
    pending.find((approval) => approval.id === id) ??
    refuse(wire('APPROVAL_003', 'This request is decided already, or its time is over.', 'Refresh the queue.'))
  setInterval(() => {
    for (const approval of pending.filter(({ deadlineMs }) => deadlineMs <= Date.now()))
      close(approval, 'timeout', 'Nobody decided in time, so it is denied.')
  }, 500)

  return {
    pendingCount: () => pending.length,
    calls: {
      'approvals.list': ({ status, limit }) => {
        const all = status === 'pending' ? pending : decided
        return {
          approvals: all
            .slice(0, limit)
            .map(
              ({ arguments: _arguments, hiddenCharacters: _hidden, policySet: _set, recent: _recent, ...rest }) => rest,
            ),
          total: all.length,
          nowMs: Date.now(),
        }
      },
      'approvals.get': ({ id }) => [...pending, ...decided].find((approval) => approval.id === id) ?? find(id),
      'approvals.decide': (decision) => {
        const approval = find(decision.id)
        if (decision.decision !== 'defer')
          return close(approval, decision.decision === 'approve' ? 'approved' : 'denied', decision.reason ?? null)
        const later = { ...approval, deferrals: approval.deferrals + 1 }
        pending = [...pending.filter(({ id }) => id !== approval.id), later]
        announce()
        return later
      },
      'approvals.decideMany': ({ ids, decision, reason }) =>
        ids.map((id) => close(find(id), decision === 'approve' ? 'approved' : 'denied', reason ?? null)),
      'approvals.grants': ({ includeEnded }) => grants.filter(({ active }) => active || includeEnded === true),
      'approvals.revoke': ({ id }) => {
        grants = grants.map((grant) => (grant.id === id ? { ...grant, active: false, revokedAtMs: Date.now() } : grant))
        announce()
        return grants.find((grant) => grant.id === id) ?? refuse(wire('APPROVAL_003', 'There is no such grant.', ''))
      },
      'approvals.advice': () => (count === 0 ? [] : makeAdvice()),
    },
  }
}
