import type {
  AgentSummary,
  Backend,
  CallInput,
  CallOutput,
  Channel,
  Priority,
  QueuedRun,
  SchedulerStatus,
} from '@contract'
import { fakeId, MINUTE, NOW } from './fake-ids'

type SchedulerChannel = Extract<Channel, `scheduler.${string}` | `backends.${string}`>
type Handlers = { [C in SchedulerChannel]: (input: CallInput<C>) => CallOutput<C> }

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'normal', 'low']
const REASONS = [
  'A place: 8 of 8 runs are under way.',
  'A place on docker:rack-2, which is full.',
  '512 MiB of memory; 210 MiB are free.',
  'Its last try failed; it is tried again later.',
  'Another run of this agent, which runs one at a time.',
]

const backend = (id: string, change: Partial<Backend>): Backend => ({
  id: id as Backend['id'],
  title: 'Local Docker',
  kind: 'docker',
  tiers: ['tier1', 'tier2'],
  weight: 4,
  maxConcurrent: 8,
  running: 6,
  state: 'usable',
  cause: 'Docker 28.1 answers in 4 ms.',
  nextProbeAtMs: null,
  removable: false,
  ...change,
})

const makeBackends = (): Backend[] => [
  backend('docker:local', {}),
  backend('docker:rack-2', {
    title: 'rack-2',
    kind: 'docker-ssh',
    weight: 2,
    running: 2,
    state: 'resting',
    cause: 'Five of the last six calls failed: connect ETIMEDOUT 10.0.4.12:22.',
    nextProbeAtMs: NOW + 42_000,
    removable: true,
  }),
  backend('microvm:local', {
    title: 'microVM',
    kind: 'microvm',
    tiers: ['tier3'],
    weight: 1,
    running: 0,
    state: 'missing',
    cause: '/dev/kvm cannot be opened: permission denied.',
  }),
  backend('process:local', {
    title: 'Processes',
    kind: 'process',
    tiers: ['tier0'],
    weight: 1,
    running: 0,
    state: 'degraded',
    cause: 'Allowed in the configuration. No isolation at all.',
  }),
]

export interface FakeScheduler {
  readonly calls: Handlers
  readonly drop: (executionId: string) => boolean
}

/** A queue and back-ends with plausible data. */
export const createFakeScheduler = (ports: {
  readonly agents: readonly AgentSummary[]
  readonly count: number
  readonly changed: () => void
}): FakeScheduler => {
  let backends = makeBackends()
  let queue: QueuedRun[] = Array.from({ length: ports.agents.length === 0 ? 0 : ports.count }, (_, index) => {
    const agent = ports.agents[(index * 5 + 2) % ports.agents.length] as AgentSummary
    const priority = PRIORITIES[Math.min(3, Math.floor((index / ports.count) * 4))] ?? 'normal'
    return {
      executionId: fakeId(20, index),
      agentId: agent.id,
      agentName: agent.name,
      tier: agent.tier,
      priority: index % 7 === 6 ? 'low' : priority,
      effectivePriority: priority,
      origin: index % 4 === 1 ? 'schedule' : index % 5 === 3 ? 'recovery' : 'operator',
      attempt: index % 5 === 3 ? 2 : 1,
      queuedAtMs: NOW - (index + 1) * 0.2 * MINUTE,
      notBeforeMs: index % 5 === 3 ? NOW + 20_000 + index * 1000 : null,
      deadlineAtMs: index % 6 === 2 ? NOW + 90_000 + index * 4000 : null,
      waitsFor: REASONS[index % 5 === 3 ? 3 : index % REASONS.length] ?? '',
    }
  })
  const order = () => {
    queue = [...queue].sort(
      (a, b) =>
        PRIORITIES.indexOf(a.effectivePriority) - PRIORITIES.indexOf(b.effectivePriority) ||
        a.queuedAtMs - b.queuedAtMs,
    )
  }
  const status = (): SchedulerStatus => ({
    strategy: 'LeastConnections',
    running: backends.reduce((sum, { running }) => sum + running, 0),
    maxConcurrent: 8,
    queued: queue.length,
    queuedByPriority: {
      low: queue.filter(({ priority }) => priority === 'low').length,
      normal: queue.filter(({ priority }) => priority === 'normal').length,
      high: queue.filter(({ priority }) => priority === 'high').length,
      critical: queue.filter(({ priority }) => priority === 'critical').length,
    },
    oldestQueuedAtMs: queue.length === 0 ? null : Math.min(...queue.map(({ queuedAtMs }) => queuedAtMs)),
    waitMs: { p50: 14, p99: 2340 },
    startedLastMinute: 31,
    preempted: 2,
    backends,
  })
  return {
    drop: (executionId) => {
      const before = queue.length
      queue = queue.filter((run) => run.executionId !== executionId)
      ports.changed()
      return queue.length < before
    },
    calls: {
      'scheduler.status': status,
      'scheduler.queue': ({ offset, limit }) => ({ items: queue.slice(offset, offset + limit), total: queue.length }),
      'scheduler.prioritise': ({ executionId, priority }) => {
        queue = queue.map((run) =>
          run.executionId === executionId ? { ...run, priority, effectivePriority: priority } : run,
        )
        order()
        ports.changed()
        return queue.find((run) => run.executionId === executionId) as QueuedRun
      },
      'backends.add': ({ backend: added }) => {
        const next = backend(`docker:${added.name}`, {
          title: added.name,
          kind: added.remote.protocol === 'ssh' ? 'docker-ssh' : 'docker-tls',
          weight: added.weight,
          maxConcurrent: added.maxConcurrent,
          running: 0,
          state: 'unknown',
          cause: 'It has not been looked at yet.',
          removable: true,
        })
        backends = [...backends, next]
        ports.changed()
        return next
      },
      'backends.check': ({ id }) => {
        backends = backends.map((each) =>
          each.id === id && each.state === 'resting'
            ? { ...each, state: 'usable', cause: 'Docker 27.5 answers in 31 ms.', nextProbeAtMs: null }
            : each,
        )
        ports.changed()
        return backends.find((each) => each.id === id) as Backend
      },
      'backends.remove': ({ id }) => {
        backends = backends.filter((each) => each.id !== id)
        ports.changed()
        return {}
      },
    },
  }
}
