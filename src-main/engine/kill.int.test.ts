import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { bundle } from './testing/bundle'
import { killRounds } from './testing/kill'

it('an engine that is killed under mixed load has lost nothing that it had acknowledged', async () => {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
  const program = await bundle(here('./testing/kill/child.ts'), { 'bus-worker': here('./bus/crypto-worker.ts') })
  onTestFinished(program.remove)
  const report = await killRounds({
    program: program.path,
    rounds: 3,
    random: Math.random,
    progress: () => undefined,
  })
  expect(report.faults).toEqual([])
  expect(report.checked).toBeGreaterThan(50)
  expect(Math.max(...report.startMs)).toBeLessThan(5_000)
})
