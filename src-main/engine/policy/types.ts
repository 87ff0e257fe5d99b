import type { Caller } from '../core'

export const RESOURCE_TYPES = [
  'File',
  'Network',
  'Database',
  'API',
  'Tool',
  'Server',
  'Secret',
  'Memory',
  'Agent',
  'Run',
  'Policy',
  'Review',
  'Settings',
] as const
export type ResourceType = (typeof RESOURCE_TYPES)[number]

export const OPERATIONS = ['Read', 'Write', 'Execute', 'Create', 'Modify', 'Delete', 'List', 'Connect'] as const
export type Operation = (typeof OPERATIONS)[number]

/** How strong the walls around the asking agent are. */
export const SECURITY_LEVELS = ['none', 'standard', 'high', 'maximum'] as const
export type SecurityLevel = (typeof SECURITY_LEVELS)[number]

export interface PolicyRequest {
  readonly principal: Caller['kind']
  /** The agent's name; empty for others. */
  readonly agentName: string
  readonly securityLevel: SecurityLevel | null
  readonly resourceType: ResourceType
  readonly resource: string
  readonly operation: Operation
}

/** Every condition of a rule must hold. */
export interface Condition {
  readonly key: 'resource_type' | 'agent_security_level' | 'agent_name' | 'principal'
  readonly value: string
}

export interface Rule {
  readonly name: string
  readonly priority: number
  readonly effect: 'Allow' | 'Deny'
  readonly conditions: readonly Condition[]
  readonly resources: readonly string[]
  readonly operations: readonly Operation[]
  readonly origin: 'builtin' | 'file'
}

export interface Decision {
  readonly effect: 'Allow' | 'Deny'
  /** The deciding rule; null when none matched and the default decided. */
  readonly rule: string | null
  readonly reason: string
  /** Names of all rules that matched, by priority. */
  readonly matched: readonly string[]
  /** SHA-256 of the policy text that decided. */
  readonly setHash: string
}
