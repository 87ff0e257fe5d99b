import type { Breaker, Health, ResourceOverview, SchedulerStatus } from '@contract'
import type { Agents } from './agents'

type Cause = Health['causes'][number]

/** How well one part of the engine is, asked when somebody looks. */
export type PartHealth = () => Health

const cause = (code: string, text: string, sinceMs: number | null = null): Cause => ({ code, text, sinceMs })

/** As bad as its worst cause. */
const of = (unhealthy: readonly Cause[], degraded: readonly Cause[]): Health => ({
  status: unhealthy.length > 0 ? 'unhealthy' : degraded.length > 0 ? 'degraded' : 'healthy',
  causes: [...unhealthy, ...degraded],
})

/** More agents than this share of all that are not retired, failed: something is wrong with more than one of them. */
const MANY_FAILED = 0.25
/** Beyond this share of what may be, there is little room left. */
const NEARLY_FULL = 0.9
const MANY_QUEUED = 1_000

export const lifecycleHealth =
  (ports: { agents: Pick<Agents, 'countByState' | 'index'>; maxAgents: number }): PartHealth =>
  () => {
    const counts = ports.agents.countByState()
    const active = ports.agents.index.active()
    const failed = counts.Failed ?? 0
    const unreachable = counts.Unreachable ?? 0
    const degraded: Cause[] = []
    if (failed > active * MANY_FAILED) degraded.push(cause('failed', `${failed} of ${active} agents have failed.`))
    if (unreachable > 0) degraded.push(cause('unreachable', `${unreachable} external agents do not report.`))
    if (active > ports.maxAgents * NEARLY_FULL)
      degraded.push(cause('full', `There are ${active} agents; ${ports.maxAgents} is the most allowed.`))
    return of([], degraded)
  }

export const schedulerHealth =
  (status: () => SchedulerStatus): PartHealth =>
  () => {
    const { running, maxConcurrent, queued, oldestQueuedAtMs, backends } = status()
    const usable = backends.filter(({ state }) => state === 'usable' || state === 'degraded' || state === 'unknown')
    const away = backends.filter(({ state }) => state === 'missing' || state === 'resting')
    const unhealthy =
      queued > 0 && usable.length === 0
        ? [cause('no-back-end', `${queued} runs wait and no back-end can be used.`, oldestQueuedAtMs)]
        : []
    const degraded = [
      // What was never there on this machine keeps nobody waiting, so it is told by Doctor and not here.
      ...away
        .filter(({ state }) => state === 'resting')
        .map(({ title, cause: why }) => cause('back-end-rests', `${title} rests: ${why}`)),
      ...(running > maxConcurrent * NEARLY_FULL
        ? [cause('busy', `${running} of ${maxConcurrent} places are taken.`)]
        : []),
      ...(queued > MANY_QUEUED ? [cause('queue', `${queued} runs wait.`, oldestQueuedAtMs)] : []),
    ]
    return of(unhealthy, degraded)
  }

export const resourcesHealth =
  (overview: () => Pick<ResourceOverview, 'alerts'>): PartHealth =>
  () => {
    const { alerts } = overview()
    const told = (level: 'critical' | 'warning'): Cause[] =>
      alerts
        .filter((alert) => alert.level === level)
        .map(({ kind, what, text, sinceMs }) => cause(`${kind}-${what}`, text, sinceMs))
    // However much is granted or used: what does not fit waits, so nothing is broken.
    return of([], [...told('critical'), ...told('warning')])
  }

/** How long what a person was told stays among the causes; what it led to shows by the state of its agent. */
export const TOLD_MS = 3_600_000

export const recoveryHealth =
  (ports: {
    breakers: () => readonly Breaker[]
    told: () => readonly { readonly atMs: number; readonly title: string; readonly text: string }[]
  }): PartHealth =>
  () =>
    of(
      [],
      [
        ...ports
          .breakers()
          .filter(({ state }) => state !== 'closed')
          .map(({ name, lastError, openedAtMs }) =>
            cause(
              'breaker',
              `${name} is not called for now: ${lastError?.message ?? 'it failed too often'}`,
              openedAtMs,
            ),
          ),
        ...ports.told().map(({ title, text, atMs }) => cause('escalated', `${title}: ${text}`, atMs)),
      ],
    )
