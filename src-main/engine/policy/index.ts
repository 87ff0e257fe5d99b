/** One policy engine: YAML rules, default deny, deny overrides, every answer explained. */

export { withCache } from './cache'
export { createPolicySet } from './decide'
export type { Explanation, NearMiss } from './explain'
export { compileGlob, type GlobMatcher } from './glob'
export { createPolicyHistory, type PolicyHistory, type PolicyVersion, type VersionAuthor } from './history'
export type { Held, Limiter, Permit } from './limiter'
export { createPolicy, type Policy, type PolicyChange, type PolicyOptions, type WhichSet } from './policy'
export type { PolicyTestResult } from './policy-tests'
export type { RealPath } from './real-path'
export {
  fromRecordedDecision,
  type RecordedDecision,
  type ReplayChange,
  type ReplayResult,
  toRecordedDecision,
} from './replay'
export {
  type Decision,
  EFFECTS,
  type Effect,
  type Limit,
  type Obligations,
  OPERATIONS,
  type Operation,
  type PolicyRequest,
  RESOURCE_TYPES,
  type ResourceType,
  type Rule,
  type SecurityLevel,
} from './types'
