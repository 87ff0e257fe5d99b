import type { ApprovalId, ErrorCode } from '@contract'
import type { Audit, AuditEntry } from '../audit'
import {
  type Clock,
  type Events,
  engineCaller,
  isRuntimeError,
  type Log,
  messageOf,
  type NewId,
  type Redactor,
  RuntimeError,
} from '../core'
import type { Store, Tx } from '../store'
import type { Grants } from './grants'
import { createLedger, type Ledger, type RowEnd } from './ledger'
import { type ApprovalRow, scopesFor } from './rows'
import type { Decider, Decision, HoldRequest, Verdict, WaitHooks } from './types'

export interface QueuePorts {
  readonly store: Store
  readonly audit: Audit
  readonly grants: Grants
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly newId: NewId
  readonly log: Log
  /** How long a person has to decide. */
  readonly timeoutMs: number
}

/**
 * Acts that wait for a person. The row in the database is the truth: whoever changes it from `pending` first has decided,
 * and that can happen once. The promise of the one who waits only follows.
 */
export interface ApprovalQueue extends Pick<Ledger, 'row' | 'list'> {
  /**
   * Hold an act until it is decided, its time is over, or what asks is gone.
   * @throws RESOURCE_001 when too many wait already, APPROVAL_005 when the engine closes meanwhile
   */
  hold(request: HoldRequest): Promise<Verdict>
  /**
   * Write a person's decision within its transaction.
   * @throws APPROVAL_003 when there is none, it is decided, or its time is over; APPROVAL_004; APPROVAL_006
   */
  decide(tx: Tx, decision: Decision, by: Decider): void
  /** Write what came of an approved act, within the transaction of its record. */
  settled(tx: Tx, id: ApprovalId, result: { outcome: 'success' | 'denied' | 'failed'; code: ErrorCode | null }): void
  pendingCount(): number
  /** After a start: call off what no run waits for any more, deny what is overdue, go on waiting for the rest. */
  reconcile(): Promise<void>
  /** Let go of whoever waits; what a person asked for stays in the queue. */
  close(): Promise<void>
}

interface Waiter {
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: RuntimeError) => void
  readonly hooks: WaitHooks | undefined
}

const closedAlready = (): RuntimeError =>
  new RuntimeError('APPROVAL_003', 'This request is decided already, or its time is over.')

const causeOf = (signal: AbortSignal): string =>
  isRuntimeError(signal.reason) ? signal.reason.message : 'What asked for it called it off.'

const isAborted = (signal: AbortSignal): boolean => signal.aborted

export const createApprovalQueue = (ports: QueuePorts): ApprovalQueue => {
  const { store, audit, grants, clock, events, newId, log } = ports
  const ledger = createLedger(ports)
  const waiters = new Map<ApprovalId, Waiter>()
  const timers = new Map<ApprovalId, () => void>()
  let closing = false

  const announce = (): void => events.publish('approvals.changed', { pending: ledger.pendingCount() })

  const disarm = (id: ApprovalId): void => {
    timers.get(id)?.()
    timers.delete(id)
  }

  const release = (verdict: Verdict): void => {
    disarm(verdict.approvalId)
    const waiter = waiters.get(verdict.approvalId)
    waiters.delete(verdict.approvalId)
    waiter?.resolve(verdict)
  }

  const close = (tx: Tx, id: ApprovalId, end: Omit<RowEnd, 'claimed'>): boolean => {
    const waiter = waiters.get(id)
    if (!ledger.close(tx, id, { ...end, claimed: waiter !== undefined })) return false
    waiter?.hooks?.onReleased(tx, ledger.waitingLike(tx, ledger.row(tx, id)))
    tx.onCommit(() => {
      release({ approvalId: id, status: end.status, reason: end.reason })
      announce()
    })
    return true
  }

  const factsOf = (row: ApprovalRow) => ({
    approval: row.id,
    digest: row.digest,
    asked: row.action,
    rule: row.rule,
    deadlineMs: row.deadline,
    ...(row.caller_kind === 'agent'
      ? { agentId: row.caller_id, agent: row.caller_name, execution: row.execution_id }
      : {}),
  })

  const account = (tx: Tx, row: ApprovalRow, entry: Omit<AuditEntry, 'correlationId' | 'details'>): void => {
    audit.append(tx, { correlationId: row.correlation_id, details: factsOf(row), ...entry })
  }

  /** The engine itself ends a wait: no time left, or nobody left to tell. */
  const endByEngine = (id: ApprovalId, status: 'timeout' | 'cancelled', reason: string): Promise<void> =>
    store
      .write((tx) => {
        if (!close(tx, id, { status, by: { kind: 'engine', id: 'approvals' }, reason })) return
        account(tx, ledger.row(tx, id), {
          caller: engineCaller('approvals'),
          action: `approval.${status}`,
          resource: `Approval ${id}`,
          outcome: 'denied',
          code: status === 'timeout' ? 'APPROVAL_002' : 'APPROVAL_005',
          reason,
        })
      })
      .catch((error: unknown) => {
        // Nobody waits for ever on a disk that is full: what could not be written is denied all the same.
        log.error({ approval: id, reason: messageOf(error) }, 'the end of an approval could not be written')
        release({ approvalId: id, status, reason })
      })

  const expire = (id: ApprovalId): Promise<void> =>
    endByEngine(id, 'timeout', 'Nobody decided in time, so it is denied.')

  const arm = (id: ApprovalId, deadlineMs: number): void => {
    disarm(id)
    const due = (): void => {
      timers.delete(id)
      expire(id).catch((error: unknown) => log.error({ reason: messageOf(error) }, 'an approval could not expire'))
    }
    timers.set(id, clock.after(Math.max(0, deadlineMs - clock.nowMs()), due))
  }

  /** Join what the same person asked for before, or write a new request; within one transaction. */
  const enter = (tx: Tx, fresh: ApprovalId, request: HoldRequest): ApprovalRow => {
    const before = ledger.earlier(tx, request).find(({ id }) => !waiters.has(id))
    if (before !== undefined) {
      if (before.status === 'approved') ledger.claim(tx, before.id)
      return before
    }
    ledger.add(tx, fresh, request)
    const added = ledger.row(tx, fresh)
    account(tx, added, {
      caller: request.act.caller,
      action: 'approval.request',
      resource: `${request.act.resourceType} ${request.act.resource}`,
      outcome: 'success',
      reason: `Held for a person: ${request.why}`,
    })
    return added
  }

  /** Resolves with the id once the row is on the disk and `waiter` stands for it. */
  const take = async (request: HoldRequest, waiter: Waiter): Promise<ApprovalId> => {
    let id = newId<ApprovalId>()
    try {
      await store.write((tx) => {
        const held = enter(tx, id, request)
        id = held.id
        // From here on, within the transaction: two who ask the same at once do not wait for the same row.
        waiters.set(id, waiter)
        if (held.status === 'pending') waiter.hooks?.onHeld(tx, ledger.waitingLike(tx, held))
        tx.onCommit(() => {
          if (held.status === 'approved')
            return release({ approvalId: id, status: 'approved', reason: held.decision_reason })
          arm(id, held.deadline)
          announce()
        })
      })
      return id
    } catch (error) {
      if (waiters.get(id) === waiter) waiters.delete(id)
      throw error
    }
  }

  return {
    row: ledger.row,
    list: ledger.list,
    pendingCount: () => ledger.pendingCount(),

    async hold(request) {
      const signal = request.signal ?? new AbortController().signal
      if (request.act.caller.kind === 'engine')
        throw new RuntimeError('POLICY_001', `The engine does not wait for a person. ${request.why}`)
      if (closing) throw new RuntimeError('APPROVAL_005', 'The console is closing.')
      if (isAborted(signal)) throw new RuntimeError('APPROVAL_005', causeOf(signal))
      let resolve: Waiter['resolve'] = () => undefined
      let reject: Waiter['reject'] = () => undefined
      const verdict = new Promise<Verdict>((onResolve, onReject) => {
        resolve = onResolve
        reject = onReject
      })
      // Whoever closes may be quicker than the first to look at it.
      verdict.catch(() => undefined)
      const id = await take(request, { resolve, reject, hooks: request.hooks })
      const callOff = (): void => {
        if (!waiters.has(id)) return
        endByEngine(id, 'cancelled', causeOf(signal)).catch((error: unknown) =>
          log.error({ reason: messageOf(error) }, 'an approval could not be called off'),
        )
      }
      signal.addEventListener('abort', callOff, { once: true })
      // It may have been aborted while the row was written.
      if (isAborted(signal)) callOff()
      try {
        return await verdict
      } finally {
        signal.removeEventListener('abort', callOff)
      }
    },

    decide(tx, decision, by) {
      const asked = ledger.row(tx, decision.id)
      if (asked.status !== 'pending') throw closedAlready()
      if (asked.digest !== decision.digest)
        throw new RuntimeError('APPROVAL_004', 'What you decided on is not what is asked for.')
      if (asked.deadline <= clock.nowMs()) {
        // Its timer is late, for instance after the machine slept.
        arm(asked.id, 0)
        throw closedAlready()
      }
      if (decision.decision === 'defer') {
        ledger.defer(tx, asked.id)
        tx.onCommit(announce)
        return
      }
      if (decision.decision === 'approve') {
        if (!scopesFor(asked).includes(decision.scope))
          throw new RuntimeError('APPROVAL_006', `This act cannot be approved with the scope "${decision.scope}".`, {
            details: { scopes: scopesFor(asked) },
          })
        if (decision.scope === 'minutes' && decision.minutes === undefined)
          throw new RuntimeError('APPROVAL_006', 'Say for how many minutes.')
      }
      const status = decision.decision === 'approve' ? 'approved' : 'denied'
      if (!close(tx, asked.id, { status, by, reason: decision.reason ?? null })) throw closedAlready()
      if (decision.decision === 'deny') return
      const { scope } = decision
      const minutes = scope === 'arguments' || scope === 'minutes' ? (decision.minutes ?? null) : null
      const grantId = scope === 'once' ? null : grants.add(tx, asked, { scope, minutes, by })
      ledger.granted(tx, asked.id, { scope, minutes, grant_id: grantId })
    },

    settled(tx, id, result) {
      ledger.settle(tx, id, result)
      tx.onCommit(announce)
    },

    async reconcile() {
      await store.write((tx) => {
        ledger.forgetUnderway(tx)
        ledger.prune(tx)
        grants.prune(tx)
      })
      for (const { id, deadline, execution_id: executionId } of ledger.list('pending', -1).rows) {
        if (deadline <= clock.nowMs()) await expire(id)
        else if (executionId === null) arm(id, deadline)
        else await endByEngine(id, 'cancelled', 'The run that asked ended with the console.')
      }
    },

    async close() {
      closing = true
      for (const id of [...timers.keys()]) disarm(id)
      const left = [...waiters.values()]
      waiters.clear()
      for (const waiter of left)
        waiter.reject(new RuntimeError('APPROVAL_005', 'The console is closing; the request stays in the queue.'))
      // Those who waited write their refusal before the database closes.
      if (left.length > 0) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
