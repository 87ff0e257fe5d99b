/** What set-up prints: one line when a step begins to work, a heartbeat while it does, one line with its result. */

/** @typedef {{ status: 'ok' | 'warn' | 'fail', text: string, fix?: string, command?: string }} StepResult */

const HEARTBEAT_MS = 10_000

/**
 * @param {{ stream?: NodeJS.WritableStream, quiet?: boolean }} [options] quiet: a step that had nothing to do and
 *   went well prints nothing
 */
export function createReport({ stream = process.stdout, quiet = false } = {}) {
  const line = (mark, text) => stream.write(`  ${mark.padEnd(5)} ${text}\n`)
  return {
    /** A plain line. */
    note: (text) => stream.write(`${text}\n`),
    /**
     * Runs one step.
     * @param {string} title
     * @param {(progress: (text: string) => void) => Promise<StepResult>} work calls `progress` before anything slow
     * @returns {Promise<StepResult>}
     */
    async step(title, work) {
      const began = performance.now()
      let doing = ''
      const heartbeat = setInterval(() => {
        if (doing) line('..', `${title}: ${doing} (${seconds(performance.now() - began)} so far)`)
      }, HEARTBEAT_MS)
      heartbeat.unref()
      const result = await work((text) => {
        doing = text
        line('..', `${title}: ${text}`)
      }).catch((error) => ({
        status: 'fail',
        text: error instanceof Error ? error.message : String(error),
        fix: error?.fix,
      }))
      clearInterval(heartbeat)
      const took = performance.now() - began
      if (!quiet || doing || result.status !== 'ok') {
        line(result.status, `${title}: ${result.text}${took >= 1000 ? ` (${seconds(took)})` : ''}`)
        if (result.fix) line('', `Fix: ${result.fix}`)
        if (result.command) line('', `  ${result.command}`)
      }
      return result
    },
  }
}

/** An error whose message is for the reader, with what to do about it. */
export function stepError(message, fix) {
  return Object.assign(new Error(message), { fix })
}

/** Milliseconds as seconds with one decimal. */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The last lines of a command's output, indented, for a message about its failure. */
export function tail(output, lines = 12) {
  return output
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((text) => `        | ${text}`)
    .join('\n')
}
