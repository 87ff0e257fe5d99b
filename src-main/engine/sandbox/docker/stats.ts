import type { StatsSample } from '@contract'
import { z } from 'zod'

const Count = z.number().nonnegative()

/** What is read of one message of the daemon's statistics; all else is ignored, and much may be absent. */
const RawStats = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: Count }),
    system_cpu_usage: Count.optional(),
    online_cpus: Count.optional(),
  }),
  precpu_stats: z
    .object({ cpu_usage: z.object({ total_usage: Count }), system_cpu_usage: Count.optional() })
    .optional(),
  memory_stats: z.object({
    usage: Count,
    limit: Count.optional(),
    stats: z.record(z.string(), z.unknown()).optional(),
  }),
  pids_stats: z.object({ current: Count.optional() }).optional(),
})

/**
 * One sample from one message of `GET /containers/{id}/stats`, or undefined when it carries no figures, as the last
 * ones of an ended container do. CPU is percent of one core. Memory is the usage less the file cache that the kernel
 * would give back at once (total_inactive_file under cgroup v1, inactive_file under v2), as `docker stats` shows it.
 */
export const sampleOf = (message: unknown, atMs: number): StatsSample | undefined => {
  const parsed = RawStats.safeParse(message)
  if (!parsed.success) return undefined
  const { cpu_stats: now, precpu_stats: before, memory_stats: memory, pids_stats: pids } = parsed.data
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file']
  return {
    atMs,
    cpuPercent: cpuPercent(now, before),
    memoryBytes: typeof cache === 'number' && cache < memory.usage ? memory.usage - cache : memory.usage,
    memoryLimitBytes: memory.limit ?? null,
    pids: pids?.current ?? null,
    source: 'docker stats',
  }
}

type Cpu = z.infer<typeof RawStats>['cpu_stats']
type CpuBefore = z.infer<typeof RawStats>['precpu_stats']

const cpuPercent = (now: Cpu, before: CpuBefore): number | null => {
  if (now.system_cpu_usage === undefined || before?.system_cpu_usage === undefined) return null
  const usedNs = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const machineNs = now.system_cpu_usage - before.system_cpu_usage
  if (machineNs <= 0 || usedNs < 0) return null
  return (usedNs / machineNs) * (now.online_cpus ?? 1) * 100
}
