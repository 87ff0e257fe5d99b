import { CONSEQUENCES, type Consequence, type SecurityTier } from '@contract'
import type { Act } from '../approvals'
import { assertNever, type Caller } from '../core'
import type { PolicyRequest, SecurityLevel } from '../policy'
import { ACTIONS } from './actions'
import type { GateRequest } from './request'

/** What rules call the walls of each tier. */
export const LEVEL_OF_TIER: Readonly<Record<SecurityTier, SecurityLevel>> = {
  tier0: 'none',
  tier1: 'standard',
  tier2: 'high',
  tier3: 'maximum',
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

const worse = (a: Consequence, b: Consequence): Consequence =>
  CONSEQUENCES.indexOf(a) >= CONSEQUENCES.indexOf(b) ? a : b

/** The request as the policy sees it. */
export const policyRequestOf = (request: GateRequest): PolicyRequest => {
  const { type, operation } = ACTIONS[request.action]
  return {
    principal: request.caller.kind,
    agentName: agentNameOf(request.caller),
    securityLevel: request.tier === undefined ? null : LEVEL_OF_TIER[request.tier],
    resourceType: type,
    resource: request.resource,
    operation,
    ...request.facts,
    ...('realPath' in request ? { realPath: request.realPath } : {}),
    ...('addresses' in request ? { addresses: request.addresses } : {}),
  }
}

/** The request as a person sees it. */
export const actOf = (request: GateRequest): Act => {
  const { type, operation, consequence } = ACTIONS[request.action]
  return {
    caller: request.caller,
    correlationId: request.correlationId,
    tier: request.tier ?? null,
    action: request.action,
    resourceType: type,
    resource: request.resource,
    operation,
    consequence: worse(consequence, request.consequence ?? consequence),
    arguments: request.arguments ?? null,
    sealed: request.sealed ?? null,
  }
}
