/** Reads what the test runners report and adds it up. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @returns {Counts} */
export const noCounts = () => ({ passed: 0, failed: 0, skipped: 0 })

/** A stage that counts as one. @param {boolean} passed */
export const asOne = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 })

/**
 * Counts of vitest's JSON report. A file that could not be loaded has no tests in it; it counts as one failure.
 * @returns {Counts}
 */
export function vitestCounts(report) {
  const unloaded = (report.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}

/**
 * Counts of Playwright's JSON report. A test that passed only when tried again counts as failed; so does an error
 * outside of any test.
 * @returns {Counts}
 */
export function playwrightCounts(report) {
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky + (report.errors ?? []).length, skipped }
}

/**
 * What a stage counts for: its report's counts, made to agree with how the runner ended.
 * @param {{ code: number, counts: Counts | null }} ended counts null: there was no report
 * @returns {Counts}
 */
export function settle({ code, counts }) {
  if (!counts) return asOne(false)
  // A runner that ends with an error although every test passed, for one because of an unhandled rejection.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** @param {readonly Counts[]} all */
export function total(all) {
  return all.reduce(
    (sum, counts) => ({
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    }),
    noCounts(),
  )
}

/** The last line of `npm test`. @param {Counts} counts */
export const summaryLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`

/**
 * Reads the arguments of `npm test`.
 * @param {readonly string[]} argv
 * @param {readonly string[]} stages names of all stages
 * @returns {{ only: readonly string[], rest: readonly string[] } | { error: string }} rest: for the test runners
 */
export function readTestArguments(argv, stages) {
  const split = argv.indexOf('--')
  const own = split < 0 ? argv : argv.slice(0, split)
  const rest = split < 0 ? [] : argv.slice(split + 1)
  let only = stages
  for (let at = 0; at < own.length; at += 1) {
    const [flag, joined] = own[at].split('=')
    if (flag !== '--only') return { error: `Unknown option ${own[at]}. Known: --only ${stages.join(',')}` }
    if (joined === undefined) at += 1
    const names = (joined ?? own[at] ?? '').split(',')
    const unknown = names.find((name) => !stages.includes(name))
    if (unknown !== undefined) return { error: `Unknown stage "${unknown}". Known: ${stages.join(', ')}` }
    only = stages.filter((name) => names.includes(name))
  }
  return { only, rest }
}
