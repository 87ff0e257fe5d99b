/** Resources. */
export const resources = ``
