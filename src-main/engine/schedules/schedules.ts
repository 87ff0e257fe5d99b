import type {
  AgentId,
  CallOutput,
  CallRequest,
  Health,
  Schedule,
  ScheduleDefinition,
  ScheduleId,
  ScheduleRun,
  When,
} from '@contract'
import type { Asking } from '../agents'
import { engineCaller, RuntimeError } from '../core'
import { type Calendar, calendarOf } from './calendar'
import { createDispatch } from './dispatch'
import { scheduleHealth } from './health'
import { createLedger } from './ledger'
import { monthOf } from './month'
import type { SchedulePorts } from './ports'
import { previewOf } from './preview'
import { attemptsOf, definitionOf, runRow, type ScheduleRow, scheduleRow, toRun } from './rows'
import { createScheduleViews } from './views'
import { zoneNames, zoneOf } from './zone'

/** Runs by the calendar. Times and their runs are on the disk before anything is asked for. */
export interface Schedules {
  list(query: { agentId?: AgentId | undefined }): Schedule[]
  /** @throws SCHED_002 */
  get(id: ScheduleId): Schedule
  /** @throws SCHED_003 naming what is wrong with the pattern or the zone */
  preview(query: CallRequest<'schedules.preview'>): Promise<CallOutput<'schedules.preview'>>
  /** How often a pattern is due on each day of a month of its zone. @throws SCHED_003 */
  month(query: CallRequest<'schedules.month'>): CallOutput<'schedules.month'>
  zones(): string[]
  history(query: CallRequest<'schedules.history'>): ScheduleRun[]
  /** @throws SCHED_003, AGENT_001, AGENT_002 for a retired agent, AGENT_008 for an external one */
  create(asking: Asking, definition: ScheduleDefinition): Promise<Schedule>
  /** @throws as `create`; SCHED_002, and SCHED_006 when it was changed meanwhile */
  edit(asking: Asking, change: CallRequest<'schedules.edit'>): Promise<Schedule>
  /** What waits for its start is called off; runs under way go on. @throws SCHED_002, SCHED_006 */
  pause(asking: Asking, id: ScheduleId, reason: string): Promise<Schedule>
  /** Times that passed meanwhile are not made up for. Revives a dead letter. @throws SCHED_002, SCHED_003, SCHED_006 */
  resume(asking: Asking, id: ScheduleId, reason: string): Promise<Schedule>
  /** With its history; runs under way go on. @throws SCHED_002 */
  remove(asking: Asking, id: ScheduleId, reason: string): Promise<void>
  /** One run now, whatever its state; skipped when as many are under way as may be. @throws SCHED_002 */
  trigger(asking: Asking, id: ScheduleId, reason: string): Promise<ScheduleRun>
  /** Whether something needs a person: dead letters, and times that are not acted on. */
  health(): Health
  /** Account for what an earlier start left, make up for what passed meanwhile, and go on from there. */
  start(): void
  /** The clock may have been set, or the machine slept. */
  look(): void
  close(): void
}

type PersonsAct = 'schedule.edit' | 'schedule.pause' | 'schedule.resume' | 'schedule.remove' | 'schedule.trigger'

export const createSchedules = (ports: SchedulePorts): Schedules => {
  const { gate, store, agents, clock, random, events, newId, log } = ports
  const views = createScheduleViews(store)
  const calendars = new Map<ScheduleId, { version: number; calendar: Calendar }>()

  /** Reckoned once for each version of a schedule. */
  const calendarOfRow = (row: ScheduleRow): Calendar => {
    const known = calendars.get(row.id)
    if (known?.version === row.version) return known.calendar
    const calendar = calendarOf(definitionOf(row).when)
    calendars.set(row.id, { version: row.version, calendar })
    return calendar
  }

  const ledger = createLedger({ clock, random, events, newId, isDriven: (seq) => dispatch.isDriven(seq) })
  const dispatch = createDispatch({
    ...ports,
    ledger,
    calendarOf: calendarOfRow,
    onRetired: (agentId) => {
      pauseIfRetired(agentId).catch((error: unknown) => log.error({ error }, 'a schedule could not be paused'))
    },
  })

  const isRetired = (id: AgentId): boolean => ['Terminating', 'Terminated'].includes(agents.summary(id).state)

  /** The agent of a schedule has to be one that can be started here. */
  const checkAgent = (id: AgentId): void => {
    const { name, mode } = agents.summary(id)
    if (mode === 'external')
      throw new RuntimeError(
        'AGENT_008',
        `"${name}" is an external agent: it reports by itself and is never started here.`,
      )
    if (isRetired(id)) throw new RuntimeError('AGENT_002', `"${name}" is retired and cannot be run any more.`)
  }

  /** The first time that is not over, neither by the clock nor by what was run already. */
  const nextTime = (when: When, lastDueMs: number | null): number => {
    const next = calendarOf(when).next(Math.max(clock.nowMs(), lastDueMs ?? 0))
    if (next === null)
      throw new RuntimeError(
        'SCHED_003',
        'There is no coming time: all times that it names have passed or never come.',
        {
          details: { field: when.kind === 'once' ? 'atMs' : 'pattern' },
        },
      )
    return next
  }

  const act = <Action extends PersonsAct>(asking: Asking, id: ScheduleId, action: Action) => {
    const row = scheduleRow(store, id)
    return {
      ...asking,
      action,
      resource: definitionOf(row).name,
      details: { scheduleId: id, agentId: row.agent_id },
    }
  }

  const changed = (id: ScheduleId): Schedule => {
    dispatch.look()
    return views.get(id)
  }

  const inState = (row: ScheduleRow, allowed: readonly ScheduleRow['status'][], doing: string): void => {
    if (!allowed.includes(row.status))
      throw new RuntimeError('SCHED_006', `A schedule that is ${row.status} cannot be ${doing}.`, {
        details: { status: row.status },
      })
  }

  const PAUSABLE = ['active', 'paused'] as const

  const pauseIfRetired = async (agentId: AgentId): Promise<void> => {
    const active = store.all<{ id: ScheduleId }>(
      `SELECT id FROM schedules WHERE agent_id = :agentId AND status = 'active'`,
      { agentId },
    )
    if (active.length === 0 || !isRetired(agentId)) return
    const reason = `The agent "${agents.summary(agentId).name}" is retired.`
    for (const { id } of active) {
      await gate.commit(
        {
          ...act({ caller: engineCaller('schedules'), correlationId: newId() }, id, 'schedule.pause'),
          accountOf: 'fact',
        },
        (tx) => {
          if (scheduleRow(tx, id).status !== 'active') return
          ledger.setStatus(tx, id, { status: 'paused', reason, nextAtMs: null })
          ledger.callOff(tx, id, reason)
        },
      )
    }
    dispatch.look()
  }

  return {
    list: views.list,
    get: views.get,
    history: views.history,
    zones: zoneNames,

    preview: ({ when, count, fromMs }) => previewOf(when, { count, fromMs: fromMs ?? clock.nowMs(), clock }),
    month: ({ when, year, month }) => ({ days: monthOf(when, { year, month }) }),

    async create(asking, definition) {
      const id = newId<ScheduleId>()
      await gate.commit(
        {
          ...asking,
          action: 'schedule.create',
          resource: definition.name,
          arguments: { definition },
          details: { scheduleId: id, agentId: definition.agentId },
          precondition: () => {
            checkAgent(definition.agentId)
            nextTime(definition.when, null)
          },
        },
        (tx) => {
          tx.run(
            `INSERT INTO schedules (id, agent_id, definition, version, status, created_at, next_at)
             VALUES (:id, :agentId, :definition, 1, 'active', :at, :next)`,
            {
              id,
              agentId: definition.agentId,
              definition: JSON.stringify(definition),
              at: clock.nowMs(),
              next: nextTime(definition.when, null),
            },
          )
          tx.onCommit(() => events.publish('schedules.changed', { id }))
        },
      )
      return changed(id)
    },

    async edit(asking, { id, baseVersion, definition }) {
      await gate.commit(
        {
          ...act(asking, id, 'schedule.edit'),
          arguments: { id, baseVersion, definition },
          precondition: () => {
            checkAgent(definition.agentId)
            zoneOf(definition.when.zone)
          },
        },
        (tx) => {
          const row = scheduleRow(tx, id)
          if (row.version !== baseVersion)
            throw new RuntimeError('SCHED_006', 'The schedule was changed meanwhile.', {
              details: { asked: baseVersion, newest: row.version },
            })
          const sameTimes = JSON.stringify(definition.when) === JSON.stringify(definitionOf(row).when)
          const next = sameTimes ? row.next_at : nextTime(definition.when, row.last_due_at)
          const revived = row.status === 'completed' && next !== null
          tx.run(
            `UPDATE schedules SET definition = :definition, agent_id = :agentId, version = version + 1, status = :status,
               status_reason = :reason, next_at = :next WHERE id = :id`,
            {
              id,
              definition: JSON.stringify(definition),
              agentId: definition.agentId,
              status: revived ? 'active' : row.status,
              reason: revived ? null : row.status_reason,
              next: revived || row.status === 'active' ? next : null,
            },
          )
          tx.onCommit(() => events.publish('schedules.changed', { id }))
        },
      )
      return changed(id)
    },

    async pause(asking, id, reason) {
      await gate.commit({ ...act(asking, id, 'schedule.pause'), arguments: { id, reason } }, (tx) => {
        inState(scheduleRow(tx, id), PAUSABLE, 'paused')
        ledger.setStatus(tx, id, { status: 'paused', reason, nextAtMs: null })
        ledger.callOff(tx, id, 'The schedule was paused.')
      })
      return changed(id)
    },

    async resume(asking, id, reason) {
      await gate.commit({ ...act(asking, id, 'schedule.resume'), arguments: { id, reason } }, (tx) => {
        const row = scheduleRow(tx, id)
        inState(row, ['paused', 'dead-letter'], 'resumed')
        checkAgent(row.agent_id)
        const nextAtMs = nextTime(definitionOf(row).when, row.last_due_at)
        ledger.setStatus(tx, id, { status: 'active', reason, nextAtMs })
        tx.run('UPDATE schedules SET failures_in_a_row = 0 WHERE id = :id', { id })
      })
      return changed(id)
    },

    async remove(asking, id, reason) {
      await gate.commit({ ...act(asking, id, 'schedule.remove'), arguments: { id, reason } }, (tx) => {
        scheduleRow(tx, id)
        tx.run('DELETE FROM schedule_runs WHERE schedule_id = :id', { id })
        tx.run('DELETE FROM schedules WHERE id = :id', { id })
        tx.onCommit(() => {
          calendars.delete(id)
          events.publish('schedules.changed', { id })
        })
      })
    },

    async trigger(asking, id, reason) {
      const seq = await gate.commit({ ...act(asking, id, 'schedule.trigger'), arguments: { id, reason } }, (tx) => {
        const row = scheduleRow(tx, id)
        const { maxConcurrent } = definitionOf(row)
        const run = {
          scheduleId: id,
          dueAtMs: clock.nowMs(),
          trigger: 'person' as const,
          correlationId: asking.correlationId,
        }
        const running = ledger.underWay(tx, id)
        return running >= maxConcurrent
          ? ledger.skip(tx, run, { reason: `${running} under way already, and no more may be.`, code: null })
          : ledger.add(tx, { ...run, notBeforeMs: run.dueAtMs })
      })
      dispatch.look()
      const row = runRow(store, seq)
      if (row === undefined) throw new RuntimeError('SCHED_002', 'The schedule was removed meanwhile.')
      return toRun(row, attemptsOf(store, [row]).get(row.correlation_id) ?? [])
    },

    health: () => scheduleHealth(store, clock.nowMs()),

    start() {
      dispatch.start()
      for (const { agent_id } of store.all<{ agent_id: AgentId }>(
        `SELECT DISTINCT agent_id FROM schedules WHERE status = 'active'`,
      ))
        pauseIfRetired(agent_id).catch((error: unknown) => log.error({ error }, 'a schedule could not be paused'))
    },
    look: () => dispatch.look(),
    close: () => dispatch.close(),
  }
}
