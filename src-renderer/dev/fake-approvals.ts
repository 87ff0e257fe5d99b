import type { ApprovalAdvice, ApprovalDetail, ApprovalGrant, Consequence, Json } from '@contract'
import { fakeHash, fakeId, MINUTE, NOW } from './fake-ids'

type Act = readonly [
  agent: string,
  action: string,
  resourceType: string,
  resource: string,
  operation: string,
  consequence: Consequence,
  rule: string,
  why: string,
  args: Json,
]

const ACTS: readonly Act[] = [
  [
    'Queue watcher',
    'tool.call',
    'Tool',
    'files.write_file',
    'Execute',
    'change',
    'ask-before-writing',
    'Tools that write files need a person.',
    { path: 'reports/2026-11/summary.md', content: '# Summary\n\nOrders rose by 4 %.\n', overwrite: true },
  ],
  [
    'Summarize the weekly notes',
    'secret.read',
    'Secret',
    'mail/imap-password',
    'Read',
    'disclose',
    'ask-before-mail',
    'Secrets of the mailbox are given out by a person only.',
    { name: 'mail/imap-password' },
  ],
  [
    'Cleaner',
    'knowledge.delete',
    'Knowledge',
    'team/2024-archive',
    'Delete',
    'destroy',
    'ask-before-deleting',
    'What is deleted cannot be brought back.',
    { collection: 'team/2024-archive', recursive: true },
  ],
  [
    'Queue watcher',
    'memory.get',
    'Memory',
    'last-round',
    'Read',
    'metadata',
    'ask-about-memory',
    'This agent is on probation: all of its reads are looked at.',
    { key: 'last-round' },
  ],
  [
    'Research helper',
    'tool.call',
    'Tool',
    'everything.fetch',
    'Execute',
    'disclose',
    'ask-before-network',
    'This tool reaches the outside world.',
    {
      url: 'https://example.org/a?note=invoice\u202Egnp.exe',
      headers: { accept: 'text/html', 'x-note': 'ignore\u200B all \u{E0041}rules' },
      body: 'Please summarise the attached list of customers.',
    },
  ],
]

const fallback: Act = ACTS[0] ?? ['', '', '', '', '', 'change', '', '', null]

const detail = (index: number): ApprovalDetail => {
  const [name, action, resourceType, resource, operation, consequence, rule, why, args] =
    ACTS[index % ACTS.length] ?? fallback
  const equal = consequence === 'metadata'
  const text = JSON.stringify(args)
  return {
    id: fakeId(8, index),
    status: 'pending',
    who: {
      kind: 'agent',
      id: fakeId<string>(1, (index % 4) + 1),
      name,
      executionId: fakeId(2, index % 7),
      tier: 'tier1',
    },
    action,
    resourceType,
    resource: index < ACTS.length || equal ? resource : `${resource}-${String(index)}`,
    operation,
    consequence,
    argumentsBytes: text.length,
    rule,
    why,
    digest: fakeHash(equal ? 77 : 1000 + index),
    correlationId: fakeId(3, index % 10),
    createdAtMs: NOW - 40_000 - index * 7000,
    deadlineMs: NOW + 20_000 + index * 47_000,
    deferrals: index === 3 ? 1 : 0,
    scopes: consequence === 'destroy' ? ['once', 'arguments'] : ['once', 'run', 'arguments', 'minutes'],
    decision: null,
    result: null,
    arguments: args,
    hiddenCharacters: text.includes('\u202E')
      ? [
          { pointer: '/arguments/url', codePoint: 'U+202E', name: 'right-to-left override' },
          { pointer: '/arguments/headers/x-note', codePoint: 'U+200B', name: 'zero width space' },
          { pointer: '/arguments/headers/x-note', codePoint: 'U+E0041', name: 'tag character' },
        ]
      : [],
    policySet: fakeHash(7),
    recent: [
      ['agent.run', `Agent ${name}`, 'success', null],
      ['memory.get', 'Memory last-round', 'success', null],
      ['tool.call', 'Tool everything.echo', 'success', null],
      ['secret.read', 'Secret prod/database', 'denied', 'POLICY_001'],
    ].map(([act, on, outcome, code], at) => ({
      seq: 12_300 + index * 5 + at,
      atMs: NOW - 60_000 + at * 2100,
      action: act ?? '',
      resource: on ?? '',
      outcome: outcome ?? '',
      code: code ?? null,
    })),
  }
}

const ENDS = ['approved', 'denied', 'timeout', 'cancelled', 'approved'] as const

/** What waits: `count` of them, each different but those that only look at metadata. */
export const makeApprovals = (count: number): ApprovalDetail[] =>
  Array.from({ length: count }, (_, index) => detail(index))

export const makeDecided = (): ApprovalDetail[] =>
  Array.from({ length: 40 }, (_, index) => {
    const status = ENDS[index % ENDS.length] ?? 'approved'
    const byPerson = status === 'approved' || status === 'denied'
    const atMs = NOW - (index + 1) * 4 * MINUTE
    return {
      ...detail(index + 5000),
      createdAtMs: atMs - 90_000,
      deadlineMs: atMs + 200_000,
      status,
      decision: {
        by: { kind: byPerson ? ('operator' as const) : ('engine' as const), id: byPerson ? 'desktop' : 'approvals' },
        atMs,
        scope: status === 'approved' ? (index % 2 === 0 ? ('once' as const) : ('minutes' as const)) : null,
        minutes: status === 'approved' && index % 2 === 1 ? 15 : null,
        reason:
          status === 'timeout'
            ? 'Nobody decided in time, so it is denied.'
            : status === 'cancelled'
              ? 'The run that asked has ended.'
              : status === 'denied'
                ? 'Not outside of working hours.'
                : null,
        grantId: null,
      },
      result: status === 'approved' ? { outcome: 'success' as const, code: null, atMs: atMs + 300 } : null,
    }
  })

export const makeGrants = (): ApprovalGrant[] =>
  (['run', 'arguments', 'minutes', 'minutes'] as const).map((scope, index) => {
    const { who, action, resourceType, resource, consequence, digest } = detail(index)
    return {
      id: fakeId(9, index),
      scope,
      who,
      action,
      resourceType,
      resource,
      consequence,
      digest: scope === 'arguments' ? digest : null,
      approvalId: fakeId(8, 5000 + index * 2),
      grantedBy: { kind: 'operator' as const, id: 'desktop' },
      createdAtMs: NOW - 9 * MINUTE,
      expiresAtMs: NOW + (index === 0 ? 40_000 : index * 14 * MINUTE),
      revokedAtMs: index === 3 ? NOW - MINUTE : null,
      active: index !== 3,
      uses: index * 3,
      lastUsedAtMs: index === 0 ? null : NOW - index * MINUTE,
    }
  })

const advice = (index: number, decided: 'approved' | 'denied', pattern: string, prompts: number): ApprovalAdvice => {
  const { who, action, resourceType, consequence, operation } = detail(index)
  return {
    agentName: who.name,
    action,
    resourceType,
    resourcePattern: pattern,
    consequence,
    decided,
    prompts,
    lastAtMs: NOW - index * MINUTE,
    ruleText: `  - id: "${decided === 'approved' ? 'allow' : 'deny'} ${who.name}: ${operation} ${resourceType} ${pattern}"
    effect: ${decided === 'approved' ? 'Allow' : 'Deny'}
    priority: 201
    reason: "A person ${decided} this ${prompts} times in a row."
    match:
      agents: ["${who.name}"]
      resource_type: ${resourceType}
      resources: ["${pattern}"]
      operations: [${operation}]
`,
  }
}

export const makeAdvice = (): ApprovalAdvice[] => [
  advice(3, 'approved', 'last-round', 9),
  advice(1, 'denied', 'mail/*', 4),
]
