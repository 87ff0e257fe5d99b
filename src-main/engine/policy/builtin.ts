import type { Rule } from './types'

/**
 * Rules that ship with the product. They only allow; a Deny of the policy file always wins over them.
 * Without them nobody could sit at the console, and a run could not report its own end.
 */
export const BUILTIN_RULES: readonly Rule[] = [
  {
    name: 'builtin: the person at the console acts',
    priority: 0,
    effect: 'Allow',
    conditions: [{ key: 'principal', value: 'operator' }],
    resources: ['**'],
    operations: ['Read', 'Write', 'Execute', 'Create', 'Modify', 'Delete', 'List', 'Connect'],
    origin: 'builtin',
  },
  {
    name: 'builtin: the person at the command line acts',
    priority: 0,
    effect: 'Allow',
    conditions: [{ key: 'principal', value: 'cli' }],
    resources: ['**'],
    operations: ['Read', 'Write', 'Execute', 'Create', 'Modify', 'Delete', 'List', 'Connect'],
    origin: 'builtin',
  },
  {
    name: 'builtin: the engine keeps order',
    priority: 0,
    effect: 'Allow',
    conditions: [{ key: 'principal', value: 'engine' }],
    resources: ['**'],
    operations: ['Modify', 'Execute', 'Delete', 'Create'],
    origin: 'builtin',
  },
  {
    name: 'builtin: an agent reports on its own run',
    priority: 0,
    effect: 'Allow',
    conditions: [
      { key: 'principal', value: 'agent' },
      { key: 'resource_type', value: 'Run' },
    ],
    resources: ['self'],
    operations: ['Write'],
    origin: 'builtin',
  },
]
