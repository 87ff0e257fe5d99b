/** The end of an exhaustive switch: a new case that was forgotten is a compile error here. */
export const assertNever = (value: never): never => {
  throw new Error(`Unexpected case: ${String(value)}`)
}
