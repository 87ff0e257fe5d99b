import type { CorrelationId, ErrorCode, Json, SecurityTier } from '@contract'
import type { Audit } from '../audit'
import { asRuntimeError, assertNever, type Caller, type Log, RuntimeError } from '../core'
import type { Decision, Operation, Policy, ResourceType, SecurityLevel } from '../policy'
import type { Store, Tx } from '../store'

/** One thing that somebody asks for. */
export interface GateRequest {
  readonly caller: Caller
  readonly correlationId: CorrelationId
  /** `area.verb`, as it stands in the audit trail. */
  readonly action: string
  readonly resource: { readonly type: ResourceType; readonly path: string }
  readonly operation: Operation
  /** The walls around the asking agent. */
  readonly tier?: SecurityTier | undefined
  /** Facts for the audit trail. Never a secret value. */
  readonly details?: Readonly<Record<string, Json>> | undefined
  /**
   * `every` outcome is recorded, or only `refusals` and failures: for what an agent does hundreds of times a second and that leaves
   * its own trace (a line of its log).
   */
  readonly record?: 'every' | 'refusals'
  /**
   * Set by the engine alone, for what has happened already, such as the end of a run: it is recorded, not asked for.
   * A rule could not undo it, only leave the run open for ever.
   */
  readonly accountOf?: 'fact'
  /**
   * Mechanical checks that come before the policy and that nobody can be talked out of: a grant the agent's definition
   * does not hold, a tool that is not approved. Throw to refuse.
   */
  readonly precondition?: () => void
}

/**
 * The one way to do anything: identify → validate → policy → execute → audit. An error anywhere is a refusal.
 * The caller was attested by its transport and the input validated at the boundary before they come here.
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

const LEVEL_OF_TIER: Readonly<Record<SecurityTier, SecurityLevel>> = {
  tier0: 'none',
  tier1: 'standard',
  tier2: 'high',
  tier3: 'maximum',
}

/** The decision about what is only recorded. */
const FACT: Decision = {
  effect: 'Allow',
  rule: null,
  reason: 'The engine records what happened.',
  matched: [],
  setHash: '',
}

const agentNameOf = (caller: Caller): string => {
  switch (caller.kind) {
    case 'agent':
      return caller.name
    case 'operator':
    case 'cli':
    case 'engine':
      return ''
    default:
      return assertNever(caller)
  }
}

export const createGate = (ports: { policy: Policy; audit: Audit; store: Store; log: Log }): Gate => {
  const { policy, audit, store, log } = ports

  const entryOf = (request: GateRequest, decision: Decision | null) => ({
    correlationId: request.correlationId,
    caller: request.caller,
    action: request.action,
    resource: `${request.resource.type} ${request.resource.path}`,
    details: {
      ...request.details,
      ...(request.caller.kind === 'agent' ? { agent: request.caller.name, execution: request.caller.executionId } : {}),
      ...(decision === null ? {} : { rule: decision.rule, policySet: decision.setHash }),
    },
  })

  const record = async (
    request: GateRequest,
    decision: Decision | null,
    outcome: { outcome: 'denied' | 'failed'; code: ErrorCode; reason: string },
  ): Promise<void> => {
    await store
      .write((tx) => audit.append(tx, { ...entryOf(request, decision), ...outcome }))
      .catch((error: unknown) => {
        throw asRuntimeError(error, 'AUDIT_001', 'The audit record could not be written')
      })
  }

  /** Decide, or record the refusal and throw it. */
  const admit = async (request: GateRequest): Promise<Decision> => {
    let decision: Decision | null = null
    let refusal: RuntimeError
    try {
      request.precondition?.()
      if (request.accountOf === 'fact') {
        if (request.caller.kind === 'engine') return FACT
        throw new RuntimeError('SEC_001', 'Only the engine gives an account of what happened.')
      }
      decision = policy.decide({
        principal: request.caller.kind,
        agentName: agentNameOf(request.caller),
        securityLevel: request.tier === undefined ? null : LEVEL_OF_TIER[request.tier],
        resourceType: request.resource.type,
        resource: request.resource.path,
        operation: request.operation,
      })
      if (decision.effect === 'Allow') return decision
      refusal = new RuntimeError('POLICY_001', decision.reason, { details: { rule: decision.rule } })
    } catch (error) {
      refusal = asRuntimeError(error, 'SEC_001', 'The request could not be decided, so it is refused')
    }
    await record(request, decision, { outcome: 'denied', code: refusal.code, reason: refusal.message })
    log.info({ action: request.action, code: refusal.code, correlationId: request.correlationId }, 'refused')
    throw refusal
  }

  const fail = async (request: GateRequest, decision: Decision, error: unknown): Promise<never> => {
    const failure = asRuntimeError(error, 'INTERNAL_001', 'Something unexpected went wrong')
    await record(request, decision, { outcome: 'failed', code: failure.code, reason: failure.message })
    throw failure
  }

  const appendSuccess = (tx: Tx, request: GateRequest, decision: Decision): void => {
    if (request.record === 'refusals') return
    audit.append(tx, { ...entryOf(request, decision), outcome: 'success', reason: decision.reason })
  }

  return {
    async commit(request, change) {
      const decision = await admit(request)
      return store
        .write((tx) => {
          const result = change(tx)
          appendSuccess(tx, request, decision)
          return result
        })
        .catch((error: unknown) => fail(request, decision, error))
    },

    async perform(request, act, settle) {
      const decision = await admit(request)
      let result: Awaited<ReturnType<typeof act>>
      try {
        result = await act()
      } catch (error) {
        return fail(request, decision, error)
      }
      if (request.record === 'refusals' && settle === undefined) return result
      await store
        .write((tx) => {
          settle?.(tx, result)
          appendSuccess(tx, request, decision)
        })
        .catch((error: unknown) =>
          fail(
            request,
            decision,
            asRuntimeError(error, 'AUDIT_001', 'The outcome could not be recorded, so it is withheld'),
          ),
        )
      return result
    },
  }
}
