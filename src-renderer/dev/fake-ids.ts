import type { WireError } from '@contract'

/** Ids that look right and are the same each time. */
export const fakeId = <T>(kind: number, index: number): T =>
  `0190${kind.toString(16).padStart(4, '0')}-7c3a-7000-8000-${index.toString(16).padStart(12, '0')}` as T

/** A hash that looks right. */
export const fakeHash = (seed: number): string => {
  let state = seed * 2654435761 + 1
  return Array.from({ length: 64 }, () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return ((state >> 16) & 15).toString(16)
  }).join('')
}

export const NOW = Date.now()
export const MINUTE = 60_000

/** An error as the engine would send it. */
export const wire = (code: WireError['code'], message: string, nextStep: string, retryable = false): WireError => ({
  code,
  message,
  nextStep,
  retryable,
})
