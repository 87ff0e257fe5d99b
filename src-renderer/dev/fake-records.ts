import type { AuditRecord, DoctorReport, PolicySet, SecretSummary, Task } from '@contract'
import { fakeHash, fakeId, MINUTE, NOW } from './fake-ids'

export const makeSecrets = (): SecretSummary[] => [
  { name: 'demo/api-key', description: 'Key of the demo service', createdAtMs: NOW - 500 * MINUTE, sizeBytes: 32 },
  { name: 'mail/imap-password', description: 'Read-only mailbox', createdAtMs: NOW - 9000 * MINUTE, sizeBytes: 24 },
  {
    name: 'reports/signing-key',
    description: 'Signs the nightly report',
    createdAtMs: NOW - 20_000 * MINUTE,
    sizeBytes: 1704,
  },
]

const POLICY_TEXT = `# What agents may do. What no rule allows is denied.
version: "1.0"
policies:
  - id: ask-before-writing
    priority: 200
    effect: RequireApproval
    reason: Tools that write files need a person.
    match:
      resource_type: Tool
      resources: ["files.write_*"]

  - id: allow-demo-secrets
    priority: 200
    effect: Allow
    match:
      resource_type: Secret
      resources: ["demo/**"]
      operations: [Read]

  - name: deny-env-tools
    priority: 300
    conditions:
      - resource_type: Tool
    effect: Deny
    resources: ["*.printEnv"]
    operations: [Execute]

  - id: allow-approved-tools
    effect: Limit
    limit:
      rate: { requests: 60, per: 1m }
    match:
      resource_type: Tool
      resources: ["everything.*"]

tests:
  - name: demo secrets are read
    request: { resource_type: Secret, resource: demo/token, operation: Read }
    expect: { decision: Allow, by: allow-demo-secrets }
  - name: the environment stays closed
    request: { resource_type: Tool, resource: everything.printEnv, operation: Execute }
    expect: { decision: Deny }
`

export const makePolicy = (): PolicySet => ({
  text: POLICY_TEXT,
  textHash: fakeHash(7),
  setHash: fakeHash(7),
  loadedAtMs: NOW - 55 * MINUTE,
  error: null,
  problems: [],
  rules: [
    {
      name: 'deny-env-tools',
      priority: 300,
      mode: 'enforce',
      effect: 'Deny',
      conditions: [],
      resources: ['tool:*.printEnv'],
      operations: ['tools.call'],
      reason: null,
      origin: 'file',
    },
    {
      name: 'allow-demo-secrets',
      priority: 200,
      mode: 'enforce',
      effect: 'Allow',
      conditions: ['agent.tier >= tier1'],
      resources: ['secret:demo/*'],
      operations: ['secrets.get'],
      reason: null,
      origin: 'file',
    },
    {
      name: 'allow-approved-tools',
      priority: 100,
      mode: 'enforce',
      effect: 'Allow',
      conditions: [],
      resources: ['tool:everything.*'],
      operations: ['tools.call'],
      reason: null,
      origin: 'file',
    },
    {
      name: 'allow-own-memory',
      priority: 10,
      mode: 'enforce',
      effect: 'Allow',
      conditions: ['resource.owner == agent.id'],
      resources: ['memory:*'],
      operations: ['memory.put', 'memory.get'],
      reason: null,
      origin: 'builtin',
    },
    {
      name: 'allow-log',
      priority: 10,
      mode: 'enforce',
      effect: 'Allow',
      conditions: [],
      resources: ['log'],
      operations: ['log.write'],
      reason: null,
      origin: 'builtin',
    },
  ],
})

const ACTS: readonly (readonly [
  AuditRecord['actor']['kind'],
  string,
  string,
  AuditRecord['outcome'],
  AuditRecord['code'],
  string,
])[] = [
  ['operator', 'agents.run', 'agent:call-a-tool', 'success', null, 'The run was asked for.'],
  ['engine', 'sandbox.start', 'sandbox:symbi-4f1c', 'success', null, 'Started with network none.'],
  ['agent', 'secrets.get', 'secret:demo/api-key', 'success', null, 'Allowed by rule allow-demo-secrets.'],
  ['agent', 'tools.call', 'tool:everything.echo', 'success', null, 'Allowed by rule allow-approved-tools.'],
  ['agent', 'tools.call', 'tool:everything.fetch', 'denied', 'REVIEW_001', 'The tool is not approved.'],
  [
    'agent',
    'secrets.get',
    'secret:mail/imap-password',
    'denied',
    'POLICY_001',
    'No rule allows secrets.get on secret:mail/imap-password.',
  ],
  ['operator', 'reviews.decide', 'tool:everything.getTinyImage', 'success', null, 'Approved: harmless constant image.'],
  [
    'engine',
    'servers.connect',
    'server:files',
    'failed',
    'MCP_001',
    'The server ended with exit code 1 before it answered.',
  ],
  ['cli', 'audit.verify', 'audit', 'success', null, 'All rows verify.'],
]

export const AUDIT_TOTAL = 12_408

export const auditRecord = (seq: number): AuditRecord => {
  const [kind, action, resource, outcome, code, reason] = ACTS[seq % ACTS.length] ?? [
    'engine',
    'x',
    'y',
    'success',
    null,
    '',
  ]
  return {
    seq,
    atMs: NOW - (AUDIT_TOTAL - seq) * 41_000,
    correlationId: fakeId(3, Math.floor(seq / 4) % 10),
    actor: { kind, id: kind === 'operator' ? 'local' : kind === 'agent' ? fakeId<string>(1, 2) : kind },
    action,
    resource,
    outcome,
    severity: outcome === 'success' ? 'info' : outcome === 'denied' ? 'warning' : 'error',
    boot: { id: 'b1', monotonicMs: seq * 41_000 },
    code,
    reason,
    details: {
      agent: 'call-a-tool',
      version: 2,
      durationMs: (seq * 37) % 90,
      rule: 'allow-approved-tools',
      digest: fakeHash(seq % 9),
    },
    prevHash: fakeHash(seq - 1),
    hash: fakeHash(seq),
  }
}

export const doctorReport = (): DoctorReport => ({
  ranAtMs: Date.now(),
  checks: [
    {
      id: 'docker',
      title: 'Docker',
      status: 'pass',
      cause: 'Docker 28.1 answers on /var/run/docker.sock.',
      fix: '',
      command: null,
    },
    {
      id: 'image',
      title: 'Sandbox image',
      status: 'pass',
      cause: 'symbi/agent-node:24 is present, 128 MB.',
      fix: '',
      command: null,
    },
    {
      id: 'gvisor',
      title: 'gVisor',
      status: 'fail',
      cause: 'Docker knows no runtime named runsc.',
      fix: 'Install gVisor and register its runtime, then restart Docker.',
      command: 'sudo runsc install && sudo systemctl restart docker',
    },
    {
      id: 'microvm',
      title: 'microVM',
      status: 'fail',
      cause: '/dev/kvm cannot be opened: permission denied.',
      fix: 'Add yourself to the group kvm and sign in again.',
      command: 'sudo usermod -aG kvm "$USER"',
    },
    {
      id: 'keyring',
      title: 'System keyring',
      status: 'pass',
      cause: 'The Secret Service answers.',
      fix: '',
      command: null,
    },
    {
      id: 'tier0',
      title: 'Tier 0',
      status: 'warn',
      cause: 'Allowed in runtime_config.toml: agents can run without any isolation.',
      fix: 'Set sandbox.allow_tier0 to false when you no longer develop agents.',
      command: null,
    },
    {
      id: 'disk',
      title: 'Disk space',
      status: 'pass',
      cause: '212 GB free in the data folder.',
      fix: '',
      command: null,
    },
    { id: 'electron', title: 'Electron', status: 'pass', cause: '45.4.1, as pinned.', fix: '', command: null },
  ],
})

export const makeTasks = (): Task[] => [
  {
    id: fakeId(6, 0),
    title: 'Build the sandbox image',
    state: 'running',
    step: 'Copying the Node.js libraries',
    progress: 0.62,
    cancellable: true,
    error: null,
    startedAtMs: NOW - 9000,
    endedAtMs: null,
  },
  {
    id: fakeId(6, 1),
    title: 'Connect everything',
    state: 'succeeded',
    step: 'Done',
    progress: 1,
    cancellable: false,
    error: null,
    startedAtMs: NOW - 300_000,
    endedAtMs: NOW - 298_000,
  },
]
