import { readFile, realpath, stat } from 'node:fs/promises'
import { hostname, release } from 'node:os'
import { basename, dirname } from 'node:path'
import type { Enforcement, ResourceKind } from '@contract'
import type Docker from 'dockerode'
import { z } from 'zod'

/** What the daemon says of itself, as far as the walls depend on it. */
const Info = z.object({
  OSType: z.string().default('linux'),
  Name: z.string().default(''),
  KernelVersion: z.string().default(''),
  ServerVersion: z.string().default(''),
  DockerRootDir: z.string().default(''),
  CgroupVersion: z.string().default('1'),
  MemoryLimit: z.boolean().default(false),
  SwapLimit: z.boolean().default(false),
  CpuCfsQuota: z.boolean().default(false),
  PidsLimit: z.boolean().default(false),
  SecurityOptions: z.array(z.string()).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).default({}),
  Warnings: z.array(z.string()).nullish(),
  NCPU: z.number().nonnegative().default(0),
  MemTotal: z.number().nonnegative().default(0),
  Architecture: z.string().default(''),
})

/** What a host has in all. */
export interface HostCapacity {
  readonly memoryBytes: number
  readonly cpuCores: number
}

export interface HostFacts {
  readonly osType: string
  readonly capacity: HostCapacity
  /** As the kernel names it: `x86_64`, `aarch64`. */
  readonly architecture: string
  readonly serverVersion: string
  readonly hasRunc: boolean
  /** The whole disk behind the daemon's folder, as a device path. */
  readonly disk: string | undefined
  /** What this host cannot hold a sandbox to, in words. */
  readonly notEnforced: readonly string[]
  /** How each limit is kept here. */
  readonly enforcement: Readonly<Record<ResourceKind, Enforcement>>
}

export const readHostFacts = async (docker: Docker): Promise<HostFacts> => {
  const info = Info.parse(await docker.info())
  const isHere = info.Name === hostname() && info.KernelVersion === release()
  const disk = isHere ? await wholeDiskBehind(info.DockerRootDir) : undefined
  return {
    osType: info.OSType,
    capacity: { memoryBytes: info.MemTotal, cpuCores: info.NCPU },
    architecture: info.Architecture,
    serverVersion: info.ServerVersion,
    hasRunc: 'runc' in info.Runtimes,
    disk,
    notEnforced: notEnforcedBy(info, disk),
    enforcement: enforcementBy(info, disk),
  }
}

/** Docker says under these names that the kernel does not slow a disk down (blkio of cgroup v1, io.max of v2). */
const NO_DISK_RATE = /throttle\.write_bps_device|io\.max \(wbps\)/

/** What the kernel does not hold is watched. A sandbox has no network, so that limit holds by itself. */
const enforcementBy = (info: z.infer<typeof Info>, disk: string | undefined): HostFacts['enforcement'] => ({
  memory: info.MemoryLimit ? 'kernel' : 'monitor',
  cpu: info.CpuCfsQuota ? 'kernel' : 'monitor',
  disk: disk !== undefined && canSlowDisks(info) ? 'kernel' : 'monitor',
  network: 'kernel',
})

const canSlowDisks = (info: z.infer<typeof Info>): boolean =>
  !(info.Warnings ?? []).some((warning) => NO_DISK_RATE.test(warning))

const notEnforcedBy = (info: z.infer<typeof Info>, disk: string | undefined): readonly string[] => [
  ...(info.MemoryLimit ? [] : ['memory: this host cannot limit it']),
  ...(info.MemoryLimit && !info.SwapLimit ? ['memory: this host cannot keep a sandbox from swapping'] : []),
  ...(info.CpuCfsQuota ? [] : ['cpu: this host cannot limit it']),
  ...(info.PidsLimit ? [] : ['processes: this host cannot limit their number']),
  ...((info.SecurityOptions ?? []).some((option) => option.startsWith('name=seccomp'))
    ? []
    : ['system calls: this host has no filter for them']),
  'network rate: there is no network to limit',
  disk === undefined
    ? 'disk rate: the disk behind Docker could not be found out; it is watched instead'
    : canSlowDisks(info)
      ? 'disk rate: only what reaches the disk is held back, cached reads are not'
      : 'disk rate: this host cannot hold it back; it is watched instead',
]

/**
 * The whole disk that holds `folder`, since the kernel throttles disks and not partitions (cgroup blkio). Undefined when
 * the file system has no single disk behind it (btrfs, overlay) or this is not Linux.
 */
const wholeDiskBehind = async (folder: string): Promise<string | undefined> => {
  try {
    const { dev } = await stat(folder, { bigint: true })
    const block = await realpath(`/sys/dev/block/${major(dev)}:${minor(dev)}`)
    const isPartition = await readFile(`${block}/partition`).then(
      () => true,
      () => false,
    )
    return `/dev/${basename(isPartition ? dirname(block) : block).replaceAll('!', '/')}`
  } catch {
    return undefined
  }
}

/** Device numbers as the Linux ABI packs them (makedev(3)). */
const major = (dev: bigint): bigint => ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
const minor = (dev: bigint): bigint => (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
