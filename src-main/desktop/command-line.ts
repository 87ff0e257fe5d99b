/** What the console was told at its start. */
export interface CommandLine {
  readonly dataDir: string | undefined
  readonly configPath: string | undefined
  /** Chromium's own switch; its sandbox cannot work as root on Linux. */
  readonly noSandbox: boolean
  /** Developer tools in a packaged build. */
  readonly devtools: boolean
}

/** Read our flags, `--name value` and `--name=value` alike; what is not ours belongs to Chromium and is left alone. */
export const readCommandLine = (argv: readonly string[]): CommandLine => {
  const flagValue = (name: string): string | undefined => {
    const joined = argv.find((argument) => argument.startsWith(`${name}=`))
    if (joined !== undefined) return joined.slice(name.length + 1)
    const at = argv.indexOf(name)
    const next = at < 0 ? undefined : argv[at + 1]
    return next?.startsWith('-') ? undefined : next
  }
  return {
    dataDir: flagValue('--data-dir'),
    configPath: flagValue('--config'),
    noSandbox: argv.includes('--no-sandbox'),
    devtools: argv.includes('--devtools'),
  }
}
