/** Claim: the window is there at once, and with a hundred agents so is their list. */
import { createAgents, withFolder } from './bench-engine'
import { BARE_APP, ROOT, startApp, startDriven } from './electron-app'
import { scriptOf } from './page-script'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

const AGENTS = 100
const BARE = 'bare Electron app'

interface Samples {
  readonly painted: number[]
  readonly mainJs: number[]
  readonly ownJs: number[]
}

const samples = (): Samples => ({ painted: [], mainJs: [], ownJs: [] })

const at = (marks: Readonly<Record<string, number>>, name: string): number => {
  const ms = marks[name]
  if (ms === undefined) throw new Error(`There is no mark "${name}".`)
  return ms
}

/** One start to the first frame. The last mark is waited for, so that a round does not leave work to the next one. */
const startOnce = async (options: { app: string; dataDir: string; last: string }, into: Samples): Promise<void> => {
  const app = startApp(options)
  try {
    await app.mark('shell-painted')
    const marks = await app.mark(options.last)
    into.painted.push(at(marks, 'shell-painted'))
    into.mainJs.push(at(marks, 'main-js'))
    into.ownJs.push(at(marks, 'window-created') - at(marks, 'app-ready'))
  } finally {
    await app.stop()
  }
}

/** Runs in the page: the time at which a frame with the rows of the list has been drawn. */
const whenListed = (wanted: { rows: number }): Promise<number> =>
  new Promise((resolve) => {
    const isListed = (): boolean => {
      const grid = document.querySelector('[role=grid][aria-label="Agents"]')
      // The header is a row too.
      return (
        Number(grid?.getAttribute('aria-rowcount')) > wanted.rows && grid?.querySelector('[aria-rowindex="2"]') !== null
      )
    }
    const look = (): void => {
      if (!isListed()) requestAnimationFrame(look)
      // The first call comes before the frame with the rows is drawn, the second after.
      else requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())))
    }
    look()
  })

const listOnce = async (dataDir: string): Promise<number> => {
  const app = startDriven({ dataDir }, { route: '/agents', script: scriptOf(whenListed, { rows: AGENTS }) })
  try {
    const { value, startedAtMs } = await app.answer()
    await app.mark('engine-settled')
    return Number(value) - startedAtMs
  } finally {
    await app.stop()
  }
}

const measure = async (options: BenchOptions, folder: string): Promise<BenchResult[]> => {
  options.progress(`start: making ${AGENTS} agents`)
  const full = `${folder}/full`
  await createAgents(full, AGENTS)
  const bare = samples()
  const shell = samples()
  const listed: number[] = []
  const round = async (into: { bare: Samples; shell: Samples; listed: number[] }): Promise<void> => {
    await startOnce({ app: BARE_APP, dataDir: `${folder}/bare`, last: 'page-loaded' }, into.bare)
    await startOnce({ app: ROOT, dataDir: `${folder}/empty`, last: 'engine-settled' }, into.shell)
    into.listed.push(await listOnce(full))
  }
  options.progress('start: first starts, not counted (caches are filled)')
  await round({ bare: samples(), shell: samples(), listed: [] })
  for (let number = 1; number <= options.rounds; number += 1) {
    options.progress(`start: round ${number} of ${options.rounds}`)
    await round({ bare, shell, listed })
  }
  const painted = { name: `${BARE}: spawn to static page painted`, samples: bare.painted }
  const ms = { unit: 'ms' } as const
  return [
    toResult({ ...ms, name: 'start.shell-painted', samples: shell.painted, baseline: painted }),
    toResult({ ...ms, name: `start.agents-page-${AGENTS}`, samples: listed, baseline: painted }),
    toResult({
      ...ms,
      name: 'start.main-js',
      samples: shell.mainJs,
      baseline: { name: `${BARE}: spawn to first line of main`, samples: bare.mainJs },
    }),
    toResult({
      ...ms,
      name: 'start.ready-to-window',
      samples: shell.ownJs,
      baseline: { name: `${BARE}: ready to window created`, samples: bare.ownJs },
    }),
  ]
}

export const start: Bench = { name: 'start', run: (options) => withFolder((folder) => measure(options, folder)) }
