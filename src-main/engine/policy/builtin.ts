import { OPERATIONS, type Rule } from './types'

const allow = (name: string, match: Rule['match']): Rule => ({
  name: `builtin: ${name}`,
  priority: 0,
  mode: 'enforce',
  effect: 'Allow',
  match,
  origin: 'builtin',
})

/**
 * Rules that ship with the product. They only allow; a Deny of the policy file always wins over them.
 * Without them nobody could sit at the console, and a run could not report its own end.
 */
export const BUILTIN_RULES: readonly Rule[] = [
  allow('the person at the console acts', { principals: ['operator'], resources: ['**'], operations: OPERATIONS }),
  allow('the person at the command line acts', { principals: ['cli'], resources: ['**'], operations: OPERATIONS }),
  allow('the engine keeps order', {
    principals: ['engine'],
    resources: ['**'],
    operations: ['Modify', 'Execute', 'Delete', 'Create'],
  }),
  allow('the engine reads the keys of back-ends', {
    principals: ['engine'],
    resourceTypes: ['Secret'],
    resources: ['backends/**'],
    operations: ['Read'],
  }),
  allow('an agent reports on its own run', {
    principals: ['agent'],
    resourceTypes: ['Run'],
    resources: ['self'],
    operations: ['Write'],
  }),
  allow('an agent that may run gets what its limits name', {
    principals: ['agent'],
    resourceTypes: ['Compute'],
    resources: ['**'],
    operations: ['Allocate'],
  }),
]
