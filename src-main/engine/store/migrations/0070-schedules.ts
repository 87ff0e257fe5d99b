/** Schedules. */
export const schedules = ``
