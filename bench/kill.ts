/**
 * Claim: an engine that is killed without a word at any moment, under mixed load, has lost nothing that it had
 * acknowledged, and is open again within seconds. `--rounds=100` kills it a hundred times.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killRounds } from '../src-main/engine/testing/kill'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

/** A restart that takes longer is a fault, as a loss is. */
const OPEN_WITHIN_MS = 5_000

/** Built beside this program: see bundle.mjs. */
const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'kill-child.js')

const measure = async ({ rounds, progress }: BenchOptions): Promise<BenchResult[]> => {
  const report = await killRounds({
    program: CHILD,
    rounds,
    random: Math.random,
    progress: (text) => progress(`kill: ${text}`),
  })
  const slowest = Math.max(0, ...report.startMs)
  const faults =
    slowest > OPEN_WITHIN_MS ? [...report.faults, `the slowest restart took ${slowest.toFixed(0)} ms`] : report.faults
  progress(
    `kill: ${report.kills} kills, ${report.checked} promises held against what was there, ${faults.length} faults`,
  )
  for (const fault of faults) progress(`kill: FAULT: ${fault}`)
  // The figures are still printed; that something is wrong shows in the exit code.
  if (faults.length > 0) process.exitCode = 1
  return report.startMs.length === 0
    ? []
    : [
        toResult({ name: 'kill.restart', unit: 'ms', samples: report.startMs, value: slowest }),
        toResult({ name: 'kill.restart-cpu', unit: 'ms', samples: report.startCpuMs }),
      ]
}

export const kill: Bench = { name: 'kill', run: measure }
