import type { Overview } from '@contract'
import type { Agents, Runs } from './agents'
import type { Audit } from './audit'
import type { Clock } from './core'
import { createDelayWatch } from './delay-watch'
import type { PartHealth } from './health'
import type { Sandboxes } from './sandbox'
import type { Tools } from './tools'

const HOUR_MS = 3_600_000
const RECENT = 8

/** The figures of the Overview page, each from its own area. */
export const createOverview = (ports: {
  agents: Agents
  runs: Runs
  tools: Tools
  audit: Audit
  approvals: { pendingCount(): number }
  sandboxes: Sandboxes
  clock: Clock
  /** How well each part is, by its name. */
  health: Readonly<Record<string, PartHealth>>
  openBreakers: () => number
  deadLetters: () => number
}): { read(): Promise<Overview>; close(): void } => {
  const { agents, runs, tools, audit, approvals, sandboxes, clock } = ports
  const startedMs = clock.monotonicMs()
  const delay = createDelayWatch(clock)

  return {
    async read() {
      const tiers = sandboxes.known()
      const offered = tools.tools({})
      const open = agents.index.runs()
      return {
        agentsByState: agents.countByState(),
        pendingReviews: offered.filter((tool) => tool.status === 'pending').length,
        pendingApprovals: approvals.pendingCount(),
        changedTools: offered.filter((tool) => tool.status === 'changed').length,
        serversFailed: tools.servers().filter((server) => server.state === 'failed').length,
        recentExecutions: runs.list({ limit: RECENT }).map((run) => ({
          id: run.id,
          agentId: run.agentId,
          agentName: agents.summary(run.agentId).name,
          state: run.state,
          startedAtMs: run.startedAtMs,
          endedAtMs: run.endedAtMs,
          endCause: run.endCause,
        })),
        health: Object.entries(ports.health).map(([part, look]) => ({ part, ...look() })),
        queuedRuns: open.queued,
        liveRuns: open.live,
        openBreakers: ports.openBreakers(),
        deadLetters: ports.deadLetters(),
        deniedLastHour: audit.countSince('denied', clock.nowMs() - HOUR_MS),
        auditHead: audit.headSeq(),
        eventLoopDelayMs: delay.read(),
        rssBytes: process.memoryUsage.rss(),
        uptimeMs: clock.monotonicMs() - startedMs,
        tiers: tiers.map(({ tier, status, cause }) => ({ tier, status, cause })),
        sampledAtMs: clock.nowMs(),
      }
    },
    close: () => delay.close(),
  }
}
