/** The file whose presence says that the work folder is complete. */
export const READY_FILE = '.ready'

/** How long a program waits for its files before it gives up: an engine that died in between never sends them. */
const PATIENCE_MS = 30_000

/**
 * What the container runs. Node boots while the files are still on their way, which hides most of its boot time;
 * the program is imported as soon as the marker is there. 75 is EX_TEMPFAIL of sysexits.h.
 */
const BOOT_SOURCE = [
  "import { existsSync } from 'node:fs'",
  `const until = Date.now() + ${PATIENCE_MS}`,
  `while (!existsSync('/work/${READY_FILE}')) {`,
  '  if (Date.now() > until) process.exit(75)',
  '  await new Promise((resolve) => setTimeout(resolve, 2))',
  '}',
  "await import('file:///work/agent.mjs')",
].join('\n')

export const BOOT_COMMAND: readonly string[] = ['node', '--input-type=module', '-e', BOOT_SOURCE]
