import type { ResourceLimits } from '@contract'
import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import { BOOT_COMMAND } from './boot'

/** How containers of this product are told from all others. */
export const LABELS = {
  installation: 'dev.symbi.installation',
  engine: 'dev.symbi.engine',
  agent: 'dev.symbi.agent',
  execution: 'dev.symbi.execution',
  correlation: 'dev.symbi.correlation',
} as const

const AGENT_USER = '1000:1000'
const PIDS_LIMIT = 256
const MIB = 1024 * 1024
const LOG_BOUNDS = { 'max-size': '1m', 'max-file': '3', compress: 'false' }

export interface ContainerRequest {
  readonly name: string
  readonly imageId: string
  readonly limits: ResourceLimits
  readonly labels: Readonly<Record<string, string>>
  /** The whole disk whose rate is held back; undefined where it could not be found out. */
  readonly disk: string | undefined
  readonly command?: readonly string[]
  /** Let the daemon remove it when it has ended, so that nothing stays even when nobody is left to remove it. */
  readonly autoRemove?: boolean
}

/**
 * All walls of Tier 1: no network, no root, no capabilities, no new privileges, no writable image, and a bound on
 * memory, cores, processes and disk rate. Memory and swap are set to the same figure, which means no swap at all.
 * `docker-init` as PID 1 passes signals on and reaps; an engine that dies closes the agent's stdin (StdinOnce).
 * The daemon keeps the newest part of what it writes, so that nothing is missed while the engine cannot reach it; little of
 * it, since the engine keeps the log and a flood must not fill the disk of the daemon. Its `local` format keeps every byte.
 */
export const containerOptions = (request: ContainerRequest): ContainerCreateOptions => {
  const command = request.command ?? BOOT_COMMAND
  return {
    name: request.name,
    Image: request.imageId,
    // Both, so that no entry point of the image stands before the program.
    Entrypoint: [...command.slice(0, 1)],
    Cmd: [...command.slice(1)],
    User: AGENT_USER,
    WorkingDir: '/work',
    Hostname: 'agent',
    Env: ['HOME=/work', 'TMPDIR=/tmp', 'LANG=C.UTF-8', 'NO_COLOR=1'],
    Labels: { ...request.labels },
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: hostConfig(request),
  }
}

const hostConfig = ({ limits, disk, autoRemove = false }: ContainerRequest): HostConfig => {
  const memoryBytes = limits.memoryMb * MIB
  const rate = disk === undefined ? undefined : [{ Path: disk, Rate: limits.diskIoMbps * MIB }]
  return {
    Runtime: 'runc',
    NetworkMode: 'none',
    Memory: memoryBytes,
    MemorySwap: memoryBytes,
    NanoCpus: Math.round(limits.cpuCores * 1e9),
    PidsLimit: PIDS_LIMIT,
    ReadonlyRootfs: true,
    Tmpfs: {
      '/tmp': `rw,noexec,nosuid,nodev,size=${tmpfsMb(limits, 4)}m,mode=1777`,
      '/work': `rw,noexec,nosuid,nodev,size=${tmpfsMb(limits, 2)}m,mode=1777`,
    },
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Init: true,
    AutoRemove: autoRemove,
    LogConfig: autoRemove ? { Type: 'none', Config: {} } : { Type: 'local', Config: LOG_BOUNDS },
    ...(rate === undefined ? {} : { BlkioDeviceReadBps: rate, BlkioDeviceWriteBps: rate }),
  }
}

/** What a tmpfs holds counts as memory, so its bound is a share of the memory limit. */
const tmpfsMb = (limits: ResourceLimits, share: number): number => Math.max(8, Math.floor(limits.memoryMb / share))
