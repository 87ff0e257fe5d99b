/** Recovery. */
export const recovery = ``
