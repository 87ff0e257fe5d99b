/**
 * `npm test`: everything that must hold, stage by stage. A failing stage does not keep the next from running, so that
 * one run shows all that is wrong. Ends with `N passed, N failed, N skipped`.
 * `npm test -- --only unit,lint` runs some stages; what follows a further `--` goes to the test runners.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareBuild } from './lib/build.mjs'
import { dockerReachable } from './lib/docker-engine.mjs'
import { findElectron } from './lib/electron-runtime.mjs'
import { nodePath, root } from './lib/paths.mjs'
import { createReport, seconds } from './lib/report.mjs'
import { run, standIn } from './lib/run.mjs'
import { runtimeEnv } from './lib/runtime-env.mjs'
import { setup } from './lib/setup-steps.mjs'
import {
  asOne,
  playwrightCounts,
  readTestArguments,
  settle,
  summaryLine,
  total,
  vitestCounts,
} from './lib/test-results.mjs'
import { startTestSession } from './lib/test-session.mjs'

const STAGES = ['lint', 'types', 'knip', 'unit', 'build', 'integration', 'e2e']
/** Stages that use the machine: Electron, Docker, keyring. */
const LIVE = ['integration', 'e2e']
const PROJECTS = ['tsconfig.main.json', 'tsconfig.preload.json', 'tsconfig.renderer.json', 'tsconfig.e2e.json']

const say = (text) => process.stdout.write(`${text}\n`)
const bin = (...path) => join(root, 'node_modules', ...path)
const BIOME = bin('@biomejs', 'biome', 'bin', 'biome')
const TSC = bin('typescript', 'bin', 'tsc')
const KNIP = bin('knip', 'bin', 'knip.js')
const VITEST = bin('vitest', 'vitest.mjs')
const PLAYWRIGHT = bin('playwright', 'cli.js')

const asked = readTestArguments(process.argv.slice(2), STAGES)
if ('error' in asked) {
  process.stderr.write(`${asked.error}\n`)
  process.exit(2)
}

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    interrupted = true
  })

process.exit(await main(asked))

async function main({ only, rest }) {
  const live = only.some((stage) => LIVE.includes(stage))
  say('Setting up Symbi Console')
  const ready = await setup({ desktop: live || only.includes('build'), docker: live })
  if (ready.node?.status !== 'ok' || ready.packages?.status !== 'ok') {
    say(summaryLine(asOne(false)))
    return 1
  }
  const reports = mkdtempSync(join(tmpdir(), 'symbi-test-'))
  const session = live ? await startTestSession() : null
  const env = session?.env ?? { ...process.env, ...runtimeEnv() }
  const outcomes = session ? [['machine', await machineCounts(session.gaps)]] : []
  const stages = createStages({ env, reports, rest })
  try {
    for (const stage of only) {
      if (interrupted) break
      say(`\n== ${stage}`)
      const began = performance.now()
      const counts = await stages[stage]()
      outcomes.push([stage, counts])
      say(`== ${stage}: ${summaryLine(counts)} (${seconds(performance.now() - began)})`)
    }
  } finally {
    await session?.stop()
    rmSync(reports, { recursive: true, force: true })
  }
  return summarise(outcomes)
}

function summarise(outcomes) {
  say('')
  for (const [stage, counts] of outcomes) say(`${stage.padEnd(12)} ${summaryLine(counts)}`)
  const sum = total(outcomes.map(([, counts]) => counts))
  if (interrupted) say('Interrupted: what followed was not run.')
  say(summaryLine(sum))
  return sum.failed > 0 || interrupted ? 1 : 0
}

/**
 * What the live stages need and do not have. In CI each is a failure: a machine that is set up wrongly must not pass by
 * leaving tests out.
 */
async function machineCounts(gaps) {
  const missing = [...gaps]
  if (!findElectron()) missing.push('there is no Electron; npm run setup says why')
  if (!(await dockerReachable())) missing.push('no Docker engine answers; npm run setup says why')
  const strict = process.env.CI === 'true'
  for (const gap of missing) say(`  ${strict ? 'fail' : 'warn'}  Needed by the tests: ${gap}`)
  return { passed: 0, failed: strict ? missing.length : 0, skipped: strict ? 0 : missing.length }
}

function createStages({ env, reports, rest }) {
  const node = nodePath()
  /** Prints a tool's output only when it fails. */
  const tool = async (args) => {
    const { code, output } = await run(node, args, { cwd: root, env })
    if (code !== 0) say(output.trimEnd())
    return code === 0
  }
  const readReport = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)

  const vitest = async (project) => {
    const file = join(reports, `${project}.json`)
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await standIn(node, [VITEST, 'run', '--project', project, ...reporters, ...rest], { cwd: root, env })
    const report = readReport(file)
    return settle({ code, counts: report && vitestCounts(report) })
  }

  return {
    // As a checker only: CI annotations are of no use here.
    lint: async () => asOne(await tool([BIOME, 'ci', '.'])),
    types: async () => asOne((await Promise.all(PROJECTS.map((file) => tool([TSC, '-p', file])))).every(Boolean)),
    knip: async () => asOne(await tool([KNIP])),
    unit: () => vitest('unit'),
    build: async () => asOne((await createReport().step('Build', prepareBuild)).status === 'ok'),
    integration: () => vitest('integration'),
    async e2e() {
      // The app that is driven is the built one, also when only this stage was asked for.
      const built = await createReport({ quiet: true }).step('Build', prepareBuild)
      if (built.status !== 'ok') return asOne(false)
      const file = join(reports, 'e2e.json')
      const args = [
        'test',
        '-c',
        'e2e/playwright.config.ts',
        '--grep-invert',
        '@shots',
        '--reporter=list,json',
        ...rest,
      ]
      const code = await standIn(node, [PLAYWRIGHT, ...args], {
        cwd: root,
        env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
      })
      const report = readReport(file)
      return settle({ code, counts: report && playwrightCounts(report) })
    },
  }
}
