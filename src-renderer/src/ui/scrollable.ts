/** A region that scrolls must be reachable by keyboard: spread this on it, beside its role and name. */
export const scrollable = { tabIndex: 0 } as const
