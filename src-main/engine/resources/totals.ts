import type { Amounts, ResourceKind, ResourceOverview } from '@contract'
import type { Config } from '../config'
import { MIB } from './amounts'
import type { Machine } from './machine'

/** Where no link tells its speed: a gigabit, as most do. */
const ASSUMED_NETWORK_MBPS = 125
/** A disk does not tell what it can do. */
const ASSUMED_DISK_MBPS = 1_000

export interface Totals {
  readonly amounts: Amounts
  readonly source: ResourceOverview['source']
}

type TotalKeys = 'totalMemoryBytes' | 'totalCpuCores' | 'totalDiskIoMbps' | 'totalNetworkIoMbps'

/** What may be granted in all before the reserve: as configured, else of the machine, else assumed, and which of these. */
export const totalsOf = (config: Pick<Config['resource'], TotalKeys>, machine: Machine): Totals => {
  const { linkBitsPerSecond } = machine
  const linkMbps = linkBitsPerSecond === null ? null : Math.floor(linkBitsPerSecond / 8 / MIB)
  const source = (configured: number, otherwise: 'machine' | 'assumed'): ResourceOverview['source'][ResourceKind] =>
    configured > 0 ? 'configured' : otherwise
  return {
    amounts: {
      memoryBytes: config.totalMemoryBytes || Math.floor(machine.memoryBytes),
      cpuMillis: config.totalCpuCores * 1000 || Math.floor(machine.cpuMillis),
      diskIoMbps: config.totalDiskIoMbps || ASSUMED_DISK_MBPS,
      networkIoMbps: config.totalNetworkIoMbps || linkMbps || ASSUMED_NETWORK_MBPS,
    },
    source: {
      memory: source(config.totalMemoryBytes, 'machine'),
      cpu: source(config.totalCpuCores, 'machine'),
      disk: source(config.totalDiskIoMbps, 'assumed'),
      network: source(config.totalNetworkIoMbps, linkMbps ? 'machine' : 'assumed'),
    },
  }
}
