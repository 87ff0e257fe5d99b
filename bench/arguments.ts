/** What the command line asks for. */
export interface Asked {
  /** Names of benchmarks; all when none is given. */
  readonly names: readonly string[]
  readonly json: boolean
  readonly quick: boolean
  /** In place of the usual number of rounds. */
  readonly rounds?: number
}

const ROUNDS = /^--rounds=(\d{1,4})$/

/** Read the arguments. @throws naming what is known, when something is not */
export const readArguments = (args: readonly string[], known: readonly string[]): Asked => {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const names = args.filter((arg) => !arg.startsWith('-'))
  const strange = [
    ...flags.filter((flag) => flag !== '--json' && flag !== '--quick' && !ROUNDS.test(flag)),
    ...names.filter((name) => !known.includes(name)),
  ]
  if (strange.length > 0)
    throw new Error(
      `Not known: ${strange.join(', ')}. Benchmarks: ${known.join(', ')}; options: --json, --quick, --rounds=N.`,
    )
  const rounds = flags.map((flag) => ROUNDS.exec(flag)?.[1]).find((found) => found !== undefined)
  return {
    names: names.length > 0 ? known.filter((name) => names.includes(name)) : known,
    json: flags.includes('--json'),
    quick: flags.includes('--quick'),
    ...(rounds === undefined ? {} : { rounds: Math.max(1, Number(rounds)) }),
  }
}
