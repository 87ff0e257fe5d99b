import type { ApprovalId, ErrorCode, GrantId, Json } from '@contract'
import { type ApprovalQueue, digestOf, type Grants, type Verdict } from '../approvals'
import type { Audit } from '../audit'
import { asRuntimeError, type Clock, type Log, type Redactor, RuntimeError } from '../core'
import { type Decision, type Policy, type PolicyRequest, toRecordedDecision } from '../policy'
import type { Store, Tx } from '../store'
import { ACTIONS, DECIDING } from './actions'
import { actOf, policyRequestOf } from './as-asked'
import { argumentFacts, resultFacts } from './recorded'
import type { GateRequest } from './request'

/**
 * The one way to do anything: identify → validate → policy → person → limits → execute → audit. An error anywhere is a
 * refusal. The caller was attested by its transport and the input validated at the boundary before they come here.
 */
export interface Gate {
  /** A change of state: decided, then made in one transaction with its audit record. */
  commit<T>(request: GateRequest, change: (tx: Tx) => T): Promise<T>
  /**
   * An act outside the database: decided, done, then recorded with what came of it. `settle` joins further changes to
   * the record's transaction. When the record cannot be written, the result is withheld.
   */
  perform<T>(request: GateRequest, act: () => Promise<T>, settle?: (tx: Tx, result: T) => void): Promise<T>
}

export interface GatePorts {
  readonly policy: Pick<Policy, 'decide' | 'acquire'>
  readonly approvals: Pick<ApprovalQueue, 'hold' | 'settled'>
  readonly grants: Pick<Grants, 'find' | 'used'>
  readonly audit: Pick<Audit, 'append'>
  readonly store: Pick<Store, 'write'>
  readonly redactor: Redactor
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Log
}

/** What has become known of one request so far; the record is made from it. */
interface Course {
  readonly request: GateRequest
  asked: PolicyRequest | null
  decidedAtMs: number
  decision: Decision | null
  approvalId: ApprovalId | null
  grantId: GrantId | null
  /** Of the exact act, where a person was asked or a grant of theirs answers. */
  digest: string | null
  approved: boolean
  release: () => void
}

const nothingToRelease = (): void => undefined

/** The decision about what is only recorded. */
const FACT: Decision = {
  effect: 'Allow',
  rule: null,
  reason: 'The engine records what happened.',
  matched: [],
  limits: [],
  obligations: { redact: [], audit: 'basic' },
  wouldHave: [],
  errors: [],
  setHash: '',
  volatile: false,
}

const REFUSED: Readonly<Record<Exclude<Verdict['status'], 'approved'>, { code: ErrorCode; message: string }>> = {
  denied: { code: 'APPROVAL_001', message: 'A person denied this' },
  timeout: { code: 'APPROVAL_002', message: 'Nobody approved this in time' },
  cancelled: { code: 'APPROVAL_005', message: 'The approval was called off' },
}

const deniedBy = (decision: Decision): RuntimeError =>
  new RuntimeError('POLICY_001', decision.reason, { details: { rule: decision.rule } })

export const createGate = (ports: GatePorts): Gate => {
  const { policy, approvals, grants, audit, store, redactor, clock, log } = ports

  const entryOf = (course: Course, result?: unknown) => {
    const { request, decision, asked } = course
    const { caller } = request
    const obligations = decision?.obligations ?? FACT.obligations
    // Filled in place: this is done for every act.
    const details: Record<string, Json> = { ...request.details }
    if (request.arguments !== undefined)
      Object.assign(
        details,
        argumentFacts(request.arguments, { obligations, excerpt: request.excerpt === true, redactor }),
      )
    // Whatever comes of reading a secret is the secret.
    if (obligations.audit === 'full' && result !== undefined && ACTIONS[request.action].type !== 'Secret')
      Object.assign(details, resultFacts(result, { redactor, redact: obligations.redact }))
    if (caller.kind === 'agent') {
      details['agent'] = caller.name
      details['execution'] = caller.executionId
    }
    if (course.approvalId !== null) details['approval'] = course.approvalId
    if (course.grantId !== null) details['grant'] = course.grantId
    if (course.digest !== null) details['digest'] = course.digest
    if (decision !== null) {
      details['rule'] = decision.rule
      details['policySet'] = decision.setHash
      if (asked !== null) details['policy'] = toRecordedDecision({ request: asked, atMs: course.decidedAtMs }, decision)
      if (decision.wouldHave.length > 0) details['wouldHave'] = decision.wouldHave.map((other) => ({ ...other }))
      if (decision.errors.length > 0) details['policyErrors'] = decision.errors.map((other) => ({ ...other }))
    }
    return {
      correlationId: request.correlationId,
      caller,
      action: request.action,
      resource: `${ACTIONS[request.action].type} ${request.resource}`,
      details,
    }
  }

  /** What a person's answer led to, beside the record of it. */
  const account = (
    tx: Tx,
    course: Course,
    result: { outcome: 'success' | 'denied' | 'failed'; code: ErrorCode | null },
  ) => {
    if (course.approvalId !== null && course.approved) approvals.settled(tx, course.approvalId, result)
    if (course.grantId !== null) grants.used(tx, course.grantId)
  }

  const record = async (
    course: Course,
    outcome: { outcome: 'denied' | 'failed'; code: ErrorCode; reason: string },
  ): Promise<void> => {
    await store
      .write((tx) => {
        account(tx, course, outcome)
        audit.append(tx, { ...entryOf(course), ...outcome })
      })
      .catch((error: unknown) => {
        throw asRuntimeError(error, 'AUDIT_001', 'The audit record could not be written')
      })
  }

  const decide = (course: Course): Decision => {
    course.asked ??= policyRequestOf(course.request)
    course.decidedAtMs = clock.nowMs()
    course.decision = policy.decide(course.asked)
    return course.decision
  }

  /**
   * Get a person's yes, from a standing grant or from the queue. What was shown is what will be done: after the wait the
   * mechanical checks, the policy and the digest are asked again.
   */
  const approve = async (course: Course, asking: Decision): Promise<void> => {
    const { request } = course
    if (DECIDING.has(request.action)) return
    const act = actOf(request)
    const digest = digestOf(act)
    course.digest = digest
    const grant = grants.find(act, digest)
    if (grant !== null) {
      course.grantId = grant.id
      return
    }
    const verdict = await approvals.hold({
      act,
      digest,
      rule: asking.rule,
      why: asking.reason,
      policySet: asking.setHash,
      redact: asking.obligations.redact,
      hooks: request.wait,
      signal: request.signal,
    })
    course.approvalId = verdict.approvalId
    if (verdict.status !== 'approved') {
      const { code, message } = REFUSED[verdict.status]
      throw new RuntimeError(code, verdict.reason === null ? `${message}.` : `${message}: ${verdict.reason}`, {
        details: { outcome: verdict.status, approval: verdict.approvalId },
      })
    }
    course.approved = true
    request.precondition?.()
    if (digestOf(actOf(request)) !== digest)
      throw new RuntimeError('APPROVAL_004', 'What would be done is no longer what was approved.')
    const now = decide(course)
    if (now.effect === 'Deny') throw deniedBy(now)
  }

  const keepLimits = (course: Course, decision: Decision): void => {
    const { caller, bytes } = course.request
    const permit = policy.acquire(decision, {
      caller: `${caller.kind} ${caller.id}`,
      ...(bytes === undefined ? {} : { bytes }),
    })
    if (permit.ok) {
      course.release = () => permit.release()
      return
    }
    throw new RuntimeError('POLICY_004', `The limit of the rule "${permit.rule}" is reached: ${permit.what}.`, {
      details: { rule: permit.rule, limit: permit.what, retryAfterMs: permit.retryAfterMs },
      ...(permit.retryAfterMs === null ? {} : { nextStep: `Try again in ${permit.retryAfterMs} ms.` }),
    })
  }

  /** A promise only where somebody has to be waited for. */
  const clear = (course: Course): Promise<void> | undefined => {
    const { request } = course
    request.precondition?.()
    if (request.accountOf === 'fact') {
      if (request.caller.kind !== 'engine')
        throw new RuntimeError('SEC_001', 'Only the engine gives an account of what happened.')
      course.decision = FACT
      return
    }
    const first = decide(course)
    if (first.effect === 'Deny') throw deniedBy(first)
    if (first.effect === 'RequireApproval')
      return approve(course, first).then(() => keepLimits(course, course.decision ?? first))
    keepLimits(course, first)
  }

  const refuse = async (course: Course, error: unknown): Promise<never> => {
    const { request } = course
    const refusal = asRuntimeError(error, 'SEC_001', 'The request could not be decided, so it is refused')
    await record(course, { outcome: 'denied', code: refusal.code, reason: refusal.message })
    log.info({ action: request.action, code: refusal.code, correlationId: request.correlationId }, 'refused')
    throw refusal
  }

  /** Let the request pass, at once where nobody has to be asked; or record the refusal and throw it. */
  const admit = (request: GateRequest): Course | Promise<Course> => {
    const course: Course = {
      request,
      asked: null,
      decidedAtMs: 0,
      decision: null,
      approvalId: null,
      grantId: null,
      digest: null,
      approved: false,
      release: nothingToRelease,
    }
    try {
      return (
        clear(course)?.then(
          () => course,
          (error: unknown) => refuse(course, error),
        ) ?? course
      )
    } catch (error) {
      return refuse(course, error)
    }
  }

  const fail = async (course: Course, error: unknown): Promise<never> => {
    const failure = asRuntimeError(error, 'INTERNAL_001', 'Something unexpected went wrong')
    await record(course, { outcome: 'failed', code: failure.code, reason: failure.message })
    throw failure
  }

  const isQuiet = ({ request, approvalId, grantId, decision }: Course): boolean =>
    request.record === 'refusals' && approvalId === null && grantId === null && decision?.obligations.audit !== 'full'

  const succeed = (tx: Tx, course: Course, result: unknown): void => {
    if (isQuiet(course)) return
    account(tx, course, { outcome: 'success', code: null })
    audit.append(tx, { ...entryOf(course, result), outcome: 'success', reason: course.decision?.reason ?? FACT.reason })
  }

  return {
    async commit(request, change) {
      const admitted = admit(request)
      const course = admitted instanceof Promise ? await admitted : admitted
      try {
        return await store.write((tx) => {
          const result = change(tx)
          succeed(tx, course, result)
          return result
        })
      } catch (error) {
        return await fail(course, error)
      } finally {
        course.release()
      }
    },

    async perform(request, act, settle) {
      const course = await admit(request)
      try {
        let result: Awaited<ReturnType<typeof act>>
        try {
          result = await act()
        } catch (error) {
          return await fail(course, error)
        }
        if (isQuiet(course) && settle === undefined) return result
        await store
          .write((tx) => {
            settle?.(tx, result)
            succeed(tx, course, result)
          })
          .catch((error: unknown) =>
            fail(course, asRuntimeError(error, 'AUDIT_001', 'The outcome could not be recorded, so it is withheld')),
          )
        return result
      } finally {
        course.release()
      }
    },
  }
}
