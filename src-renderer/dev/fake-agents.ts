import type {
  AgentDefinition,
  AgentDetail,
  AgentState,
  AgentTemplate,
  Execution,
  LogLine,
  StateChange,
} from '@contract'
import { fakeHash, fakeId, MINUTE, NOW } from './fake-ids'

const SOURCE = `import { connect } from './symbi.js'

const symbi = await connect()
const { question } = symbi.input

// Every request passes the gate; a denial arrives as an error with a code.
const key = await symbi.secrets.get('demo/api-key')
await symbi.log.info(\`got a key of \${key.length} characters\`)

const answer = await symbi.tools.call('everything.echo', { message: question })
await symbi.memory.put('last-answer', answer)
symbi.finish({ answer })
`

const definition = (
  name: string,
  change: { [K in keyof AgentDefinition]?: AgentDefinition[K] } = {},
): AgentDefinition => ({
  name,
  description: 'Calls one approved tool and keeps its answer.',
  source: { language: 'javascript', text: SOURCE },
  files: [],
  executionMode: 'ephemeral',
  securityTier: 'tier1',
  limits: {
    memoryMb: 256,
    cpuCores: 0.5,
    diskIoMbps: 100,
    networkIoMbps: 10,
    executionTimeoutMs: 300_000,
    idleTimeoutMs: 60_000,
  },
  capabilities: ['memory', 'tools', 'secrets'],
  tools: ['everything.echo', 'everything.add'],
  secrets: ['demo/*'],
  messages: ['topic/reports.*'],
  priority: 'normal',
  concurrency: 1,
  heartbeatIntervalMs: 30_000,
  metadata: { template: 'call-a-tool' },
  ...change,
})

export const templates: readonly AgentTemplate[] = [
  {
    id: 'call-a-tool',
    title: 'Call a tool',
    definition: definition('call-a-tool'),
    exampleInput: { question: 'What is on the table?' },
  },
  {
    id: 'hello',
    title: 'Hello',
    definition: definition('hello', { description: 'Says hello and ends.', capabilities: [], tools: [], secrets: [] }),
    exampleInput: { name: 'world' },
  },
  {
    id: 'summarize-files',
    title: 'Summarise files',
    definition: definition('summarize-files', {
      description: 'Reads the files beside it and counts words.',
      files: [{ name: 'notes.txt', text: 'one two three' }],
    }),
    exampleInput: null,
  },
]

const ACTIONS: Record<AgentState, AgentDetail['actions']> = {
  Created: ['run', 'stop', 'edit'],
  Initializing: ['stop'],
  Ready: ['run', 'suspend', 'stop', 'edit'],
  Running: ['suspend', 'stop'],
  Waiting: ['suspend', 'stop'],
  Suspended: ['resume', 'stop', 'edit'],
  Completed: ['run', 'stop', 'edit'],
  Failed: ['run', 'stop', 'edit'],
  Terminating: [],
  Terminated: [],
  Unreachable: ['stop'],
}

export const actionsOf = (state: AgentState): AgentDetail['actions'] => ACTIONS[state]

const AGENTS: readonly (readonly [string, AgentState, string, string | null])[] = [
  ['inbox-triage', 'Running', 'Sorts new mail and drafts replies for review.', null],
  ['nightly-report', 'Completed', 'Collects yesterday’s figures and writes one page.', null],
  ['call-a-tool', 'Running', 'Calls one approved tool and keeps its answer.', null],
  ['invoice-reader', 'Failed', 'Reads invoices from a folder.', 'The program ended with exit code 1.'],
  ['price-watch', 'Suspended', 'Compares listed prices once an hour.', 'Suspended by the operator.'],
  [
    'contract-diff',
    'Waiting',
    'Compares two contracts and lists what differs.',
    'Waits for approval of everything.fetch.',
  ],
  ['release-notes', 'Ready', 'Drafts release notes from merged changes.', null],
  ['log-summary', 'Completed', 'Summarises a day of logs.', null],
  ['ticket-router', 'Initializing', 'Routes tickets to the right queue.', 'Builds the sandbox image.'],
  ['old-scraper', 'Terminated', 'Collected pages; replaced by price-watch.', 'Stopped by the operator: replaced.'],
  ['hello', 'Created', 'Says hello and ends.', null],
  ['backup-check', 'Completed', 'Restores last night’s backup into a scratch folder.', null],
  ['translation-memory', 'Ready', 'Keeps a glossary between runs.', null],
  ['edge-sensor', 'Unreachable', 'Runs on a device at the gate.', 'No heartbeat for 4 minutes; one is due every 30 s.'],
]

const MODES: Record<string, AgentDetail['mode']> = {
  'inbox-triage': 'persistent',
  'nightly-report': 'scheduled',
  'edge-sensor': 'external',
  'ticket-router': 'event-driven',
}

const HEALTH: Record<string, AgentDetail['health']> = {
  'invoice-reader': {
    status: 'degraded',
    causes: [
      {
        code: 'RUN_001',
        text: 'It failed 3 times in a row and is started again in a while: the program ended with exit code 1.',
        sinceMs: NOW - 3 * MINUTE,
      },
    ],
  },
  'edge-sensor': {
    status: 'unhealthy',
    causes: [
      { code: 'AGENT_007', text: 'No heartbeat for 4 minutes; one is due every 30 s.', sinceMs: NOW - 4 * MINUTE },
    ],
  },
}

const execution = (index: number, agent: number, change: Partial<Execution>): Execution => ({
  id: fakeId(2, index),
  agentId: fakeId(1, agent),
  agentVersion: 2,
  correlationId: fakeId(3, index),
  state: 'succeeded',
  tier: 'tier1',
  input: { question: 'What is on the table?' },
  output: { answer: 'Echo: What is on the table?' },
  exitCode: 0,
  endCause: 'completed',
  errorCode: null,
  errorMessage: null,
  errorNextStep: null,
  origin: index % 3 === 2 ? 'schedule' : 'operator',
  scheduleId: null,
  attempt: index === 7 ? 2 : 1,
  priority: 'normal',
  backend: 'docker:local' as Execution['backend'],
  queuedAtMs: NOW - index * 11 * MINUTE - 41_300,
  startedAtMs: NOW - index * 11 * MINUTE - 40_000,
  endedAtMs: NOW - index * 11 * MINUTE - 36_800,
  peakMemoryBytes: 61_341_696,
  cpuTimeMs: 412,
  sandbox: {
    backend: 'docker',
    id: `symbi-${fakeHash(index).slice(0, 16)}`,
    image: 'symbi/agent-node:24',
    notEnforced: ['diskIoMbps', 'networkIoMbps'],
  },
  ...change,
})

const RUNNING = {
  state: 'running',
  output: null,
  exitCode: null,
  endCause: null,
  endedAtMs: null,
  peakMemoryBytes: null,
  cpuTimeMs: null,
} as const

export const makeExecutions = (): Execution[] => [
  execution(0, 0, { ...RUNNING, startedAtMs: NOW - 94_000, queuedAtMs: NOW - 95_000 }),
  execution(1, 2, { ...RUNNING, startedAtMs: NOW - 22_000, queuedAtMs: NOW - 22_200 }),
  execution(2, 3, {
    state: 'failed',
    output: null,
    exitCode: 1,
    endCause: 'program-error',
    errorCode: 'RUN_001',
    errorMessage: 'TypeError: Cannot read properties of undefined (reading "total")',
    errorNextStep: 'Read the log of the run.',
  }),
  execution(3, 1, {}),
  execution(4, 7, {}),
  execution(5, 11, {
    state: 'timed-out',
    output: null,
    exitCode: 137,
    endCause: 'execution-timeout',
    errorCode: 'RUN_002',
    errorMessage: 'The run took longer than 300 s.',
    errorNextStep: 'Raise the time limit of the agent, or make its work smaller.',
  }),
  execution(6, 2, {}),
  execution(7, 2, {
    state: 'failed',
    output: null,
    exitCode: 1,
    endCause: 'program-error',
    errorCode: 'REVIEW_001',
    errorMessage: 'The tool everything.echo is not approved.',
    errorNextStep: 'Open Reviews and decide about the tool.',
  }),
  execution(8, 9, {
    state: 'stopped',
    output: null,
    exitCode: 143,
    endCause: 'stopped-by-operator',
    errorCode: 'RUN_003',
    errorMessage: 'Stopped by the operator: replaced.',
    errorNextStep: 'Run it again when you want it to finish.',
  }),
  execution(9, 2, {}),
]

export const makeAgents = (executions: readonly Execution[]): AgentDetail[] =>
  AGENTS.map(([name, state, description, reason], index) => {
    const last = executions.find((run) => run.agentId === fakeId(1, index))
    return {
      id: fakeId(1, index),
      name,
      description,
      state,
      stateReason: reason,
      mode: MODES[name] ?? 'ephemeral',
      tier: name === 'hello' ? 'tier0' : 'tier1',
      priority: name === 'inbox-triage' ? 'high' : 'normal',
      version: 2,
      createdAtMs: NOW - (index + 1) * 26 * 60 * MINUTE,
      stateChangedAtMs: NOW - index * 7 * MINUTE - 22_000,
      lastExecution:
        last === undefined
          ? null
          : {
              id: last.id,
              state: last.state,
              startedAtMs: last.startedAtMs,
              endedAtMs: last.endedAtMs,
              endCause: last.endCause,
            },
      queuedRuns: name === 'call-a-tool' || name === 'release-notes' ? 2 : 0,
      liveRuns: state === 'Running' ? 1 : 0,
      restarts:
        name === 'invoice-reader'
          ? { attempts: 3, max: 5, nextAtMs: NOW + 95_000 }
          : name === 'old-scraper'
            ? { attempts: 5, max: 5, nextAtMs: null }
            : null,
      lastHeartbeatAtMs: name === 'edge-sensor' ? NOW - 4 * MINUTE : null,
      health: HEALTH[name] ?? { status: state === 'Created' ? 'unknown' : 'healthy', causes: [] },
      actions: actionsOf(state).filter((action) => name !== 'edge-sensor' || action !== 'run'),
      definition: definition(name, {
        description,
        securityTier: name === 'hello' ? 'tier0' : 'tier1',
        executionMode: MODES[name] ?? 'ephemeral',
      }),
      versions: [
        {
          version: 1,
          createdAtMs: NOW - (index + 1) * 26 * 60 * MINUTE,
          note: 'Created from the template call-a-tool.',
        },
        { version: 2, createdAtMs: NOW - (index + 1) * 20 * 60 * MINUTE, note: 'Ask for the key by name.' },
      ],
    }
  })

export const timelineOf = (agent: AgentDetail): StateChange[] => {
  const steps: readonly (readonly [AgentState | null, AgentState, string])[] = [
    [null, 'Created', 'Created from a template.'],
    ['Created', 'Initializing', 'A run was asked for.'],
    ['Initializing', 'Ready', 'Image, source, policies and secrets are in place.'],
    ['Ready', 'Running', 'The sandbox started.'],
    ['Running', agent.state, agent.stateReason ?? 'The program ended by itself.'],
  ]
  return steps.map(([from, to, reason], index) => ({
    seq: index + 1,
    atMs: agent.stateChangedAtMs - (steps.length - index - 1) * 2600,
    from,
    to,
    reason,
    correlationId: fakeId(3, index % 4),
  }))
}

const LOG: readonly (readonly [LogLine['source'], LogLine['level'], string])[] = [
  ['engine', 'info', 'sandbox docker symbi-4f1c started, network none, 256 MiB, 0.5 cores'],
  ['gateway', 'info', 'agent connected, protocol 2026-06-18'],
  ['agent', 'info', 'reading 14 messages since the last run'],
  ['gateway', 'info', 'secrets.get demo/api-key allowed by rule allow-demo-secrets'],
  ['agent', 'info', 'got a key of 32 characters'],
  ['agent', 'debug', 'classify id=8812 subject="Re: Q3 invoices" labels=[finance, reply-needed] score=0.93'],
  ['gateway', 'info', 'tools.call everything.echo 41 ms'],
  ['agent', 'warn', 'message 8815 has an attachment of 14.2 MB, skipped'],
  ['agent', 'info', 'draft for 8812 is ready for review'],
  ['gateway', 'warn', 'tools.call everything.fetch denied: REVIEW_001 the tool is not approved'],
  ['agent', 'error', 'could not fetch the linked page: denied by the gate'],
  ['agent', 'info', 'subject with hidden text: \u202Einvoice\u202C\u200B_2026.pdf'],
  [
    'agent',
    'debug',
    'memory.put cursor {"last":8815,"at":"2026-11-22T14:03:22.051Z","folders":["inbox","finance","later","travel","archive-2026"]}',
  ],
]

export const logLine = (seq: number, startedAtMs: number): LogLine => {
  const [source, level, text] = LOG[seq < 2 ? seq : 2 + ((seq - 2) % (LOG.length - 2))] ?? ['agent', 'info', 'ok']
  return { seq, atMs: startedAtMs + seq * 370, source, level, text }
}
