import type { AgentSummary, Health } from '@contract'
import { assertNever } from '../core'

/** Longer than this on the way from one state to the next is not as it should be. */
const STUCK_MS = 120_000

type Cause = Health['causes'][number]

/** How well an agent is, from what the list knows of it. */
export const healthOfAgent = (agent: AgentSummary, nowMs: number): Health => {
  const { state, stateReason, stateChangedAtMs: sinceMs, restarts } = agent
  const causes: Cause[] = []
  const say = (code: string, text: string, since: number | null = sinceMs): void => {
    causes.push({ code, text, sinceMs: since })
  }
  if (restarts !== null && restarts.attempts > 0)
    say(
      'restarts',
      `It was started again ${restarts.attempts} of ${restarts.max} times after failures.`,
      restarts.nextAtMs,
    )
  switch (state) {
    case 'Failed':
      say('failed', stateReason ?? 'Its last run failed.')
      return { status: 'unhealthy', causes }
    case 'Unreachable':
      say('unreachable', stateReason ?? 'It has not reported in time.', agent.lastHeartbeatAtMs)
      return { status: 'unhealthy', causes }
    case 'Initializing':
    case 'Terminating':
      if (nowMs - sinceMs > STUCK_MS)
        say('stuck', `It is ${state} for ${Math.round((nowMs - sinceMs) / 1000)} seconds.`)
      break
    case 'Waiting':
      say('waiting', stateReason ?? 'It waits.')
      break
    case 'Suspended':
      say('suspended', stateReason ?? 'It is suspended.')
      break
    case 'Created':
      return { status: 'unknown', causes: [{ code: 'new', text: 'It has not run yet.', sinceMs }] }
    case 'Terminated':
      return { status: 'unknown', causes: [{ code: 'retired', text: 'It is retired.', sinceMs }] }
    case 'Ready':
    case 'Running':
    case 'Completed':
      break
    default:
      assertNever(state)
  }
  return { status: causes.length === 0 ? 'healthy' : 'degraded', causes }
}
