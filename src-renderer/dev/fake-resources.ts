import type {
  Allocation,
  Amounts,
  Breaker,
  CallInput,
  CallOutput,
  Channel,
  ResourceKind,
  UsageSeries,
  Violation,
} from '@contract'
import { fakeId, MINUTE, NOW } from './fake-ids'

type ResourceChannel = Extract<Channel, `resources.${string}` | `breakers.${string}`>
type Handlers = { [C in ResourceChannel]: (input: CallInput<C>) => CallOutput<C> }

const MIB = 2 ** 20
const GIB = 2 ** 30

const amounts = (memoryMib: number, cores: number, diskIoMbps: number, networkIoMbps: number): Amounts => ({
  memoryBytes: memoryMib * MIB,
  cpuMillis: cores * 1000,
  diskIoMbps,
  networkIoMbps,
})

const NAMES = ['Queue watcher', 'Summarize the weekly notes', 'Inbox triage', 'Invoice reader', 'Nightly report']

const allocation = (index: number): Allocation => ({
  executionId: fakeId(2, index),
  agentId: fakeId(1, index),
  agentName: NAMES[index % NAMES.length] ?? '',
  backend: (index === 2 ? 'process:local' : 'docker:local') as Allocation['backend'],
  granted: amounts(256, 0.5, 50, 10),
  used: {
    atMs: NOW,
    memoryBytes: (70 + index * 31) * MIB,
    cpuMillis: 90 + index * 110,
    diskIoMbps: index,
    networkIoMbps: null,
    pids: 7,
  },
  sinceMs: NOW - index * 3 * MINUTE - 20_000,
  enforcement:
    index === 2
      ? { memory: 'monitor', cpu: 'monitor', disk: 'monitor', network: 'none' }
      : { memory: 'kernel', cpu: 'kernel', disk: 'kernel', network: 'kernel' },
  violationsInARow: index === 2 ? 2 : 0,
  throttled: index === 2,
  notEnforced: index === 2 ? ['network: a plain process may reach whatever this machine can'] : [],
})

const violation = (seq: number, change: Partial<Violation> = {}): Violation => ({
  seq,
  atMs: NOW - (12 - seq) * MINUTE,
  executionId: fakeId(2, 2),
  agentId: fakeId(1, 2),
  agentName: 'Inbox triage',
  kind: 'memory',
  used: 290 * MIB,
  limit: 256 * MIB,
  action: 'noted',
  inARow: 2,
  ...change,
})

const breaker = (kind: Breaker['kind'], name: string, change: Partial<Breaker> = {}): Breaker => ({
  id: `${kind}:${name}`,
  kind,
  name,
  state: 'closed',
  failures: 0,
  successes: 41,
  windowMs: MINUTE,
  threshold: 5,
  openedAtMs: null,
  nextProbeAtMs: null,
  trips: 0,
  lastError: null,
  ...change,
})

/** A wave for each kind; nothing was measured in a stretch in the middle. */
const seriesOf = (
  kind: ResourceKind,
  { fromMs, toMs, points }: { fromMs: number; toMs: number; points: number },
): UsageSeries => {
  const stepMs = Math.max(1000, Math.ceil((toMs - fromMs) / points / 1000) * 1000)
  const scale = { memory: 900 * MIB, cpu: 1_200, disk: 30, network: 0 }[kind]
  const shown = Array.from({ length: Math.floor((toMs - fromMs) / stepMs) }, (_, index) => index)
    .filter((index) => index < 120 || index > 160)
    .map((index) => {
      const mean = scale * (0.55 + 0.3 * Math.sin(index / 17) + 0.05 * Math.sin(index * 1.7))
      return { atMs: fromMs + index * stepMs, min: mean * 0.8, mean, max: mean * 1.15 }
    })
  const granted = { memory: 1.25 * GIB, cpu: 2_500, disk: 250, network: 50 }[kind]
  return { kind, stepMs, points: kind === 'network' ? [] : shown, granted: shown.map(() => granted) }
}

/** A machine with five runs, one of which went beyond its grant. */
export const createFakeResources = (empty: boolean): Handlers => {
  const allocations = empty ? [] : [0, 1, 2, 3, 4].map(allocation)
  const totals = amounts(16_384, 4, 1_000, 125)
  const reserved = amounts(1_638, 0.4, 100, 13)
  const granted = empty ? amounts(0, 0, 0, 0) : amounts(1_280, 2.5, 250, 50)
  const breakers = empty
    ? []
    : [
        breaker('backend', 'docker:local'),
        breaker('backend', 'docker:rack-2', {
          state: 'open',
          failures: 5,
          successes: 1,
          openedAtMs: NOW - 18_000,
          nextProbeAtMs: NOW + 42_000,
          trips: 2,
          lastError: { code: 'SANDBOX_004', message: 'connect ETIMEDOUT 10.0.4.12:22', atMs: NOW - 18_000 },
        }),
        breaker('tool', 'everything.echo', { state: 'half-open', failures: 3, trips: 1 }),
      ]
  return {
    'resources.overview': () => ({
      totals,
      source: { memory: 'machine', cpu: 'machine', disk: 'assumed', network: 'configured' },
      reserved,
      granted,
      available: amounts(13_466, 1.1, 650, 62),
      used: {
        atMs: NOW,
        memoryBytes: empty ? 0 : 660 * MIB,
        cpuMillis: empty ? 0 : 1_450,
        diskIoMbps: empty ? null : 10,
        networkIoMbps: null,
        pids: empty ? 0 : 35,
      },
      machine: {
        atMs: NOW,
        memoryBytes: 6.2 * GIB,
        cpuMillis: 1_900,
        diskIoMbps: null,
        networkIoMbps: null,
        pids: null,
      },
      enforcing: true,
      allocations,
      alerts: empty
        ? []
        : [
            {
              kind: 'cpu',
              level: 'warning',
              what: 'granted',
              share: 0.83,
              text: '83 % of the processor time that may be granted is granted. Runs that need more than is left wait.',
              sinceMs: NOW - 4 * MINUTE,
            },
          ],
      stopAfterViolations: 5,
      sampledAtMs: NOW,
      pools: [{ backend: null, totals, reserved, granted, available: amounts(13_466, 1.1, 650, 62) }],
      history: { steps: empty ? 0 : 12_000, bytes: empty ? 0 : 2_280_000, retentionMs: 7 * 24 * 60 * MINUTE },
    }),
    'resources.history': (query) =>
      (['memory', 'cpu', 'disk', 'network'] as const).map((kind) =>
        empty ? { kind, stepMs: 1000, points: [], granted: [] } : seriesOf(kind, query),
      ),
    'resources.violations': () =>
      empty
        ? []
        : [
            violation(9),
            violation(8, { action: 'throttled', inARow: 1 }),
            violation(7, { action: 'released', inARow: 0, used: 220 * MIB }),
            violation(6, { kind: 'cpu', used: 1_900, limit: 500, action: 'stopped', inARow: 5, agentName: 'Scratch' }),
          ],
    'breakers.list': () => breakers,
    'breakers.probe': ({ id }) => breakers.find((one) => one.id === id) ?? breaker('backend', 'docker:local'),
  }
}
