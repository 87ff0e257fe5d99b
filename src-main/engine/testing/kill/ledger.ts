/**
 * What a process that was killed had promised. Every thing is a key with a value; `null` is "gone". A value is promised
 * once its act was acknowledged; what was only tried may have happened or not, and both are right.
 */
export interface Promised {
  /** Undefined while nothing was acknowledged yet. */
  readonly kept: string | null | undefined
  readonly tried: readonly (string | null)[]
}

export type Ledger = Readonly<Record<string, Promised>>

/** What a child writes, one line each. */
export type Said =
  /** Since the process was started: time on the clock, and time that it had a processor. */
  | { readonly said: 'open'; readonly ms: number; readonly cpuMs: number }
  | {
      readonly said: 'checked'
      readonly checked: number
      readonly faults: readonly string[]
      readonly settled: Settled
    }
  | { readonly said: 'try'; readonly key: string; readonly value: string | null }
  | { readonly said: 'kept'; readonly key: string; readonly value: string | null }

/** What was really there, for the keys where two answers were right. */
export type Settled = Readonly<Record<string, string | null>>

/** The ledger after one more line. */
export const note = (ledger: Record<string, Promised>, line: Said): void => {
  if (line.said === 'try') {
    const before = ledger[line.key]
    ledger[line.key] = { kept: before?.kept, tried: [...(before?.tried ?? []), line.value] }
  } else if (line.said === 'kept') ledger[line.key] = { kept: line.value, tried: [] }
  else if (line.said === 'checked')
    for (const [key, value] of Object.entries(line.settled)) ledger[key] = { kept: value, tried: [] }
}

/** Whether what is there is what was promised, or what was being done when it was killed. */
export const holds = ({ kept, tried }: Promised, actual: string | null): boolean =>
  actual === (kept ?? null) || tried.includes(actual)
