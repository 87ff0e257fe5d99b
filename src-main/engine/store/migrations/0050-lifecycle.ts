/** Lifecycle. */
export const lifecycle = ``
