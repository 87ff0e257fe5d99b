export interface CrashLimit {
  /** May it be tried again now? Counts this crash. */
  allow(nowMs: number): boolean
}

/** Up to `most` crashes within `withinMs` are taken for bad luck; more are a loop that nobody should watch. */
export const createCrashLimit = (options: { readonly most: number; readonly withinMs: number }): CrashLimit => {
  let recent: number[] = []
  return {
    allow(nowMs) {
      recent = [...recent.filter((atMs) => nowMs - atMs < options.withinMs), nowMs]
      return recent.length <= options.most
    },
  }
}
