/** Messages. */
export const messages = ``
