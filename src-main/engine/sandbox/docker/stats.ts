import type { StatsSample } from '@contract'
import { z } from 'zod'

const Count = z.number().nonnegative()

const BlockEntry = z.object({ op: z.string(), value: Count })
const Link = z.object({ rx_bytes: Count, tx_bytes: Count })

/** What is read of one message of the daemon's statistics; all else is ignored, and much may be absent. */
const RawStats = z.object({
  /** When the daemon measured, as RFC 3339 with nanoseconds. */
  read: z.string().optional(),
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
  blkio_stats: z.object({ io_service_bytes_recursive: z.array(BlockEntry).nullish() }).optional(),
  networks: z.record(z.string(), Link).optional(),
})
type RawStats = z.infer<typeof RawStats>

/** Bytes since the start of the container; null where nothing is told. */
interface Counted {
  readonly atMs: number
  readonly disk: number | null
  readonly network: number | null
}

/**
 * One sample from one message of `GET /containers/{id}/stats`, or undefined when it carries no figures, as the last
 * ones of an ended container do.
 */
export type SampleReader = (message: unknown, atMs: number) => StatsSample | undefined

/**
 * Reads the messages about one container, in their order: the daemon counts bytes since the start of the container, so a rate needs the
 * message before. CPU is percent of one core. Memory is the usage less the file cache that the kernel would give back
 * at once (total_inactive_file under cgroup v1, inactive_file under v2), as `docker stats` shows it. Rates are null
 * until there are two messages; the network's also where the container has none, because then nothing is told of it.
 */
export const createSampleReader = (): SampleReader => {
  let before: Counted | undefined
  return (message, atMs) => {
    const parsed = RawStats.safeParse(message)
    if (!parsed.success) return undefined
    const { cpu_stats: now, precpu_stats: past, memory_stats: memory, pids_stats: pids } = parsed.data
    const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file']
    const counted = { atMs: measuredAtMs(parsed.data) ?? atMs, ...bytesOf(parsed.data) }
    const since = before
    before = counted
    return {
      atMs,
      cpuPercent: cpuPercent(now, past),
      memoryBytes: typeof cache === 'number' && cache < memory.usage ? memory.usage - cache : memory.usage,
      memoryLimitBytes: memory.limit ?? null,
      pids: pids?.current ?? null,
      diskBytesPerSecond: rate(counted, since, 'disk'),
      networkBytesPerSecond: rate(counted, since, 'network'),
      source: 'docker stats',
    }
  }
}

const measuredAtMs = ({ read }: RawStats): number | undefined => {
  const atMs = Date.parse(read ?? '')
  return Number.isFinite(atMs) && atMs > 0 ? atMs : undefined
}

/** The block layer counts reads and writes of each device under names that differ between the versions of cgroup. */
const bytesOf = ({ blkio_stats: block, networks }: RawStats): Omit<Counted, 'atMs'> => ({
  disk:
    block?.io_service_bytes_recursive
      ?.filter(({ op }) => /^(read|write)$/i.test(op))
      .reduce((sum, { value }) => sum + value, 0) ?? null,
  network:
    networks === undefined
      ? null
      : Object.values(networks).reduce((sum, link) => sum + link.rx_bytes + link.tx_bytes, 0),
})

const rate = (now: Counted, before: Counted | undefined, of: 'disk' | 'network'): number | null => {
  const [to, from] = [now[of], before?.[of] ?? null]
  if (before === undefined || to === null || from === null || now.atMs <= before.atMs || to < from) return null
  return ((to - from) / (now.atMs - before.atMs)) * 1000
}

type Cpu = RawStats['cpu_stats']
type CpuBefore = RawStats['precpu_stats']

const cpuPercent = (now: Cpu, before: CpuBefore): number | null => {
  if (now.system_cpu_usage === undefined || before?.system_cpu_usage === undefined) return null
  const usedNs = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const machineNs = now.system_cpu_usage - before.system_cpu_usage
  if (machineNs <= 0 || usedNs < 0) return null
  return (usedNs / machineNs) * (now.online_cpus ?? 1) * 100
}
