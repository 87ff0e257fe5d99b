/** One policy engine: YAML rules of the seed's shape, default deny, deny overrides. */

export { compileGlob, type GlobMatcher } from './glob'
export { createPolicy, type Policy, type PolicyOptions } from './policy'
export {
  type Decision,
  OPERATIONS,
  type Operation,
  type PolicyRequest,
  RESOURCE_TYPES,
  type ResourceType,
  type SecurityLevel,
} from './types'
