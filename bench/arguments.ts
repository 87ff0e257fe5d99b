/** What the command line asks for. */
export interface Asked {
  /** Names of benchmarks; all when none is given. */
  readonly names: readonly string[]
  readonly json: boolean
  readonly quick: boolean
}

/** Read the arguments. @throws naming what is known, when something is not */
export const readArguments = (args: readonly string[], known: readonly string[]): Asked => {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const names = args.filter((arg) => !arg.startsWith('-'))
  const strange = [
    ...flags.filter((flag) => flag !== '--json' && flag !== '--quick'),
    ...names.filter((name) => !known.includes(name)),
  ]
  if (strange.length > 0)
    throw new Error(`Not known: ${strange.join(', ')}. Benchmarks: ${known.join(', ')}; options: --json, --quick.`)
  return {
    names: names.length > 0 ? known.filter((name) => names.includes(name)) : known,
    json: flags.includes('--json'),
    quick: flags.includes('--quick'),
  }
}
