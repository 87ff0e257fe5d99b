import { type Machine, readMachine } from './machine'
import { rounded, type Summary, summarise } from './stats'

/** One measured claim, as `--json` prints it. */
export interface BenchResult extends Summary {
  readonly name: string
  readonly unit: Unit
  /** The one figure to compare by, where it is not the median: the mean of what adds up over time. */
  readonly value?: number
  readonly baseline?: Baseline
  /** Median against the baseline's median; left out where that is 0. */
  readonly ratio?: number
  readonly machine: Machine
}

export type Unit = 'ms' | 'µs' | 'MB' | '% of a core' | '/s'

export interface Baseline extends Summary {
  readonly name: string
  readonly unit?: Unit
  readonly value?: number
}

/** Samples of one thing. */
export interface Measured {
  readonly name: string
  readonly samples: readonly number[]
  readonly value?: number
}

/** What a person or a script asked for. */
export interface BenchOptions {
  /** Rounds of what starts a process. */
  readonly rounds: number
  /** Calls, for what is measured call by call. */
  readonly calls: number
  /** How long an idle app is watched. */
  readonly idleMs: number
  /** What is being done, for the person who waits. */
  readonly progress: (text: string) => void
}

/** One file of this folder: everything that backs one claim. */
export interface Bench {
  readonly name: string
  run(options: BenchOptions): Promise<BenchResult[]>
}

/** Put samples, and what they are held against, into the printed shape. */
export const toResult = (measured: Measured & { readonly unit: Unit; readonly baseline?: Measured }): BenchResult => {
  const own = summarise(measured.samples)
  const base = measured.baseline === undefined ? undefined : summarise(measured.baseline.samples)
  return {
    name: measured.name,
    unit: measured.unit,
    ...own,
    ...meanOf(measured),
    ...(measured.baseline === undefined || base === undefined
      ? {}
      : { baseline: { name: measured.baseline.name, unit: measured.unit, ...base, ...meanOf(measured.baseline) } }),
    ...(base === undefined || base.p50 === 0 ? {} : { ratio: rounded(own.p50 / base.p50) }),
    machine: readMachine(),
  }
}

const meanOf = (measured: Measured): { value?: number } =>
  measured.value === undefined ? {} : { value: rounded(measured.value) }
