/** One policy engine: YAML rules of the seed's shape, default deny, deny overrides. */

export { compileGlob, type GlobMatcher } from './glob'
export { createPolicy, type Policy, type PolicyOptions } from './policy'
export type {
  Decision,
  Operation,
  PolicyRequest,
  ResourceType,
  SecurityLevel,
} from './types'
