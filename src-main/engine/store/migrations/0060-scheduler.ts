/** Scheduler. */
export const scheduler = ``
