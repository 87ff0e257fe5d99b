import type {
  AgentSummary,
  CallInput,
  CallOutput,
  Channel,
  ExecutionId,
  Schedule,
  ScheduleDefinition,
  ScheduleRun,
  WireError,
} from '@contract'
import { fakeId, MINUTE, NOW, wire } from './fake-ids'

type ScheduleChannel = Extract<Channel, `schedules.${string}`>
type Handlers = { [C in ScheduleChannel]: (input: CallInput<C>) => CallOutput<C> }

const HOUR = 60 * MINUTE

const runOf = (schedule: Schedule, n: number): ScheduleRun => {
  const dueAtMs = NOW - (n + 1) * HOUR
  const state = n % 9 === 4 ? 'failed' : n % 13 === 6 ? 'skipped' : 'succeeded'
  return {
    seq: 1000 - n,
    scheduleId: schedule.id,
    dueAtMs,
    trigger: n % 11 === 3 ? 'person' : 'calendar',
    state,
    reason:
      state === 'skipped'
        ? '1 run was under way, and no more may be.'
        : state === 'failed'
          ? 'The program ended with exit code 3.'
          : null,
    code: state === 'failed' ? 'RUN_001' : null,
    attempts:
      state === 'skipped'
        ? []
        : Array.from({ length: state === 'failed' ? 3 : 1 }, (_, index) => ({
            executionId: fakeId<ExecutionId>(2, n * 4 + index),
            state: state === 'failed' ? 'failed' : 'succeeded',
            endCause: state === 'failed' ? 'program-error' : 'completed',
            startedAtMs: dueAtMs + index * 30_000,
            endedAtMs: dueAtMs + index * 30_000 + 4_200,
          })),
    endedAtMs: dueAtMs + (state === 'failed' ? 64_200 : 4_200),
  }
}

/** Schedules that look right; times come each hour, whatever the pattern says. */
export const createFakeSchedules = (ports: {
  readonly empty: boolean
  readonly agents: readonly AgentSummary[]
  readonly refuse: (error: WireError) => never
  readonly changed: (id: Schedule['id']) => void
}): Handlers => {
  const { agents, refuse, changed } = ports
  let next = 0

  const make = (definition: ScheduleDefinition, change: Partial<Schedule> = {}): Schedule => {
    next += 1
    return {
      id: fakeId(9, next),
      definition,
      agentName: agents.find(({ id }) => id === definition.agentId)?.name ?? 'Agent',
      status: 'active',
      statusReason: null,
      createdAtMs: NOW - 40 * 24 * HOUR,
      version: 1,
      nextAtMs: NOW + next * 7 * MINUTE,
      lastRun: null,
      running: 0,
      runs: { succeeded: 0, failed: 0, skipped: 0 },
      failuresInARow: 0,
      ...change,
    }
  }

  const definition = (name: string, index: number, change: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
    name,
    agentId: (agents[index % Math.max(1, agents.length)] ?? { id: fakeId(1, 1) }).id,
    when: { kind: 'cron', pattern: '0 * * * *', zone: 'Europe/Berlin' },
    input: { window: '1h' },
    priority: null,
    jitterMs: 30_000,
    catchUp: 'one',
    maxConcurrent: 1,
    maxRetries: 2,
    retryDelayMs: 30_000,
    deadLetterAfter: 5,
    keepRuns: 500,
    ...change,
  })

  let schedules: Schedule[] = ports.empty
    ? []
    : [
        make(
          definition('Weekly report', 0, { when: { kind: 'cron', pattern: '0 9 * * MON', zone: 'Europe/Berlin' } }),
          {
            runs: { succeeded: 212, failed: 3, skipped: 1 },
          },
        ),
        make(definition('Queue check', 1, { when: { kind: 'cron', pattern: '*/15 * * * *', zone: 'UTC' } }), {
          runs: { succeeded: 4031, failed: 12, skipped: 44 },
          running: 1,
        }),
        make(
          definition('Month-end figures', 2, {
            when: { kind: 'cron', pattern: '0 6 L * *', zone: 'America/New_York' },
          }),
          {
            status: 'paused',
            statusReason: 'Until the new figures are in.',
            nextAtMs: null,
            runs: { succeeded: 9, failed: 0, skipped: 0 },
          },
        ),
        make(definition('Mirror the archive', 3), {
          status: 'dead-letter',
          statusReason: '5 times in a row failed; the last one: The program ended with exit code 3.',
          nextAtMs: null,
          failuresInARow: 5,
          runs: { succeeded: 88, failed: 17, skipped: 2 },
        }),
      ]
  schedules = schedules.map((schedule) => ({ ...schedule, lastRun: runOf(schedule, 0) }))

  const of = (id: string): Schedule =>
    schedules.find((schedule) => schedule.id === id) ??
    refuse(wire('SCHED_002', 'The schedule was not found.', 'Refresh the list of schedules.'))

  const replace = (id: string, change: Partial<Schedule>): Schedule => {
    const schedule = { ...of(id), ...change }
    schedules = schedules.map((other) => (other.id === schedule.id ? schedule : other))
    changed(schedule.id)
    return schedule
  }

  return {
    'schedules.list': ({ agentId }) =>
      schedules.filter((schedule) => agentId === undefined || schedule.definition.agentId === agentId),
    'schedules.get': ({ id }) => of(id),
    'schedules.preview': ({ when, count, fromMs }) => {
      if (when.kind === 'cron' && when.pattern.trim().split(/\s+/).length < 5)
        return refuse(wire('SCHED_003', 'A pattern has five, six or seven fields.', 'Correct the field that is named.'))
      const first = Math.ceil(((fromMs ?? NOW) + 1) / HOUR) * HOUR
      return {
        description: when.kind === 'cron' ? `Every hour, on the hour (${when.zone}).` : `Once (${when.zone}).`,
        times: Array.from({ length: count }, (_, n) => ({
          atMs: first + n * HOUR,
          local: new Date(first + n * HOUR).toISOString().slice(0, 19).replace('T', ' '),
          offset: '+00:00',
          note: n === 3 ? '02:30 comes twice on this day; it is run the first time only.' : null,
        })),
      }
    },
    'schedules.month': ({ year, month }) => ({
      days: Array.from({ length: new Date(Date.UTC(year, month, 0)).getUTCDate() }, (_, n) => ({
        day: n + 1,
        count: n % 6 === 5 ? 1 : 24,
      })).filter(({ day }) => day % 7 !== 0),
    }),
    'schedules.zones': () => ['UTC', ...Intl.supportedValuesOf('timeZone')],
    'schedules.history': ({ id, beforeSeq, states, limit }) =>
      Array.from({ length: 400 }, (_, n) => runOf(of(id), n))
        .filter((run) => run.seq < (beforeSeq ?? 2000) && (states === undefined || states.includes(run.state)))
        .slice(0, limit),
    'schedules.create': ({ definition: given }) => {
      const schedule = make(given as ScheduleDefinition, { createdAtMs: Date.now() })
      schedules = [schedule, ...schedules]
      changed(schedule.id)
      return schedule
    },
    'schedules.edit': ({ id, definition: given }) =>
      replace(id, { definition: given as ScheduleDefinition, version: of(id).version + 1 }),
    'schedules.pause': ({ id, reason }) =>
      replace(id, { status: 'paused', statusReason: reason ?? 'Paused by a person.', nextAtMs: null }),
    'schedules.resume': ({ id }) =>
      replace(id, { status: 'active', statusReason: null, nextAtMs: Date.now() + HOUR, failuresInARow: 0 }),
    'schedules.remove': ({ id }) => {
      schedules = schedules.filter((schedule) => schedule.id !== id)
      return {}
    },
    'schedules.trigger': ({ id }) => ({ ...runOf(of(id), 0), trigger: 'person', state: 'waiting' }),
  }
}
