import type { Backend, BalancingStrategy } from '@contract'

/** How a back-end is, in words. */
export const BACKEND_LOOKS = {
  usable: { word: 'Usable', shape: 'check', colour: 'text-ok' },
  degraded: { word: 'Degraded', shape: 'triangle', colour: 'text-wait' },
  resting: { word: 'Resting', shape: 'bars', colour: 'text-wait' },
  missing: { word: 'Not there', shape: 'cross', colour: 'text-text-2' },
  unknown: { word: 'Not looked at', shape: 'dotted', colour: 'text-text-3' },
} as const satisfies Record<Backend['state'], { word: string; shape: string; colour: string }>

export const KINDS = {
  process: 'processes of this machine',
  docker: 'Docker of this machine',
  'docker-tls': 'Docker over TLS',
  'docker-ssh': 'Docker over SSH',
  microvm: 'microVMs',
} as const satisfies Record<Backend['kind'], string>

/** Which back-end a run is put on, when several could take it. */
export const STRATEGIES = {
  RoundRobin: 'one after the other',
  LeastConnections: 'where the fewest runs are',
  ResourceBased: 'where most is free',
  WeightedRoundRobin: 'by weight',
} as const satisfies Record<BalancingStrategy, string>
