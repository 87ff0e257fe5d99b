/**
 * The source of a function that runs in the page, called with `argument`. It must use nothing from around it: only its
 * text travels.
 */
export const scriptOf = <A, R>(script: (argument: A) => R, argument: A): string =>
  `(${String(script)})(${JSON.stringify(argument)})`
