import type { CallInput, CallOutput, Channel, PolicyProblem, PolicySet } from '@contract'
import { fakeHash, MINUTE, NOW, wire } from './fake-ids'
import { makePolicy } from './fake-records'

type Named = Extract<Channel, `policies.${string}`>
type Calls = { [C in Named]: (input: CallInput<C>) => CallOutput<C> }

const lineOf = (text: string, needle: string): number =>
  text.slice(0, Math.max(0, text.indexOf(needle))).split('\n').length

const problem = (severity: PolicyProblem['severity'], code: string, line: number, message: string): PolicyProblem => ({
  severity,
  code,
  message,
  line,
  column: 5,
  endLine: line,
  endColumn: 24,
})

const problemsOf = (text: string): PolicyProblem[] => [
  ...(text.includes('nmae')
    ? [problem('error', 'key.unknown', lineOf(text, 'nmae'), 'Unknown key "nmae"; did you mean "name"?')]
    : []),
  ...(text.includes('"*.printEnv"')
    ? [
        problem(
          'warning',
          'glob.broad',
          lineOf(text, '"*.printEnv"'),
          'The pattern "*.printEnv" fits the tools of every server; name the server if only one is meant.',
        ),
      ]
    : []),
]

interface Ports {
  readonly empty: boolean
  readonly changed: () => void
}

/** A policy that is edited, tested, asked and taken back, in memory. */
export const createFakePolicies = ({ empty, changed }: Ports): Calls => {
  let policy: PolicySet = makePolicy()
  const old = policy.text
    .replace('requests: 60', 'requests: 600')
    .replace('    reason: Tools that write files need a person.\n', '')
  const past = fakeHash(71)
  const save = (text: string): PolicySet => {
    policy = { ...policy, text, textHash: fakeHash(text.length), loadedAtMs: Date.now(), problems: problemsOf(text) }
    changed()
    return policy
  }
  return {
    'policies.get': () => policy,
    'policies.check': () => ({ error: null }),
    'policies.save': ({ text }) => save(text),
    'policies.inspect': ({ text }) => ({
      error: text.includes('nmae')
        ? {
            ...wire('POLICY_002', 'Unknown key "nmae".', 'Correct the line that is named, then save again.'),
            details: { line: lineOf(text, 'nmae'), column: 5 },
          }
        : null,
      problems: problemsOf(text),
      tests: [
        {
          name: 'demo secrets are read',
          ok: true,
          decision: { effect: 'Allow', rule: 'allow-demo-secrets', reason: 'Allowed.' },
          problem: null,
        },
        {
          name: 'the environment stays closed',
          ok: text.includes('printEnv"]'),
          decision: text.includes('printEnv"]')
            ? { effect: 'Deny', rule: 'deny-env-tools', reason: 'Denied.' }
            : { effect: 'Limit', rule: 'allow-approved-tools', reason: 'Allowed within limits.' },
          problem: text.includes('printEnv"]')
            ? null
            : problem(
                'error',
                'test.failed',
                lineOf(text, 'the environment stays'),
                'The test "the environment stays closed" expects Deny; the answer is Limit by "allow-approved-tools".',
              ),
        },
      ],
    }),
    'policies.explain': ({ request }) => ({
      decision: {
        effect: request.resourceType === 'Secret' ? 'Allow' : 'RequireApproval',
        rule: request.resourceType === 'Secret' ? 'allow-demo-secrets' : 'ask-before-writing',
        reason: 'Tools that write files need a person.',
        matched: ['ask-before-writing', 'allow-approved-tools'],
        limits: [{ rule: 'allow-approved-tools', limit: { rate: { requests: 60, perMs: 60_000, burst: 60 } } }],
        obligations: { redact: ['arguments.password'], audit: 'basic' },
        wouldHave: [{ rule: 'watch-writes', effect: 'Deny' }],
        errors: [],
        setHash: policy.setHash,
      },
      names: [`${request.resourceType} ${request.resource}`],
      nearMisses: [
        {
          rule: 'deny-env-tools',
          effect: 'Deny',
          mode: 'enforce',
          failed: [{ key: 'resources', wanted: '*.printEnv', actual: request.resource }],
        },
        {
          rule: 'allow-demo-secrets',
          effect: 'Allow',
          mode: 'enforce',
          failed: [
            { key: 'resource_type', wanted: 'Secret', actual: request.resourceType },
            { key: 'resources', wanted: 'demo/**', actual: request.resource },
          ],
        },
      ],
      missed: 14,
    }),
    'policies.replay': () => ({
      replayed: 1000,
      changes: [
        {
          request: {
            principal: 'agent',
            agentName: 'Queue watcher',
            securityLevel: 'standard',
            resourceType: 'Tool',
            resource: 'files.write_file',
            operation: 'Execute',
          },
          before: { effect: 'RequireApproval', rule: 'ask-before-writing' },
          after: { effect: 'Allow', rule: 'allow Queue watcher', reason: '' },
          count: 41,
          lastAtMs: NOW - 3 * MINUTE,
          direction: 'looser',
        },
        {
          request: {
            principal: 'agent',
            agentName: 'Research helper',
            securityLevel: 'standard',
            resourceType: 'Secret',
            resource: 'demo/token',
            operation: 'Read',
          },
          before: { effect: 'Allow', rule: 'allow-demo-secrets' },
          after: { effect: 'Deny', rule: null, reason: '' },
          count: 2,
          lastAtMs: NOW - 60 * MINUTE,
          direction: 'stricter',
        },
      ],
    }),
    'policies.history': () =>
      empty
        ? []
        : [
            {
              seq: 3,
              hash: policy.textHash,
              atMs: policy.loadedAtMs,
              origin: 'console',
              by: 'desktop',
              rules: 4,
              bytes: 980,
            },
            { seq: 2, hash: past, atMs: NOW - 900 * MINUTE, origin: 'console', by: 'desktop', rules: 4, bytes: 930 },
            { seq: 1, hash: fakeHash(72), atMs: NOW - 4000 * MINUTE, origin: 'file', by: null, rules: 2, bytes: 310 },
          ],
    'policies.version': ({ hash }) => ({ text: hash === policy.textHash ? policy.text : old }),
    'policies.rollback': () => save(old),
  }
}
