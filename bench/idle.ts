/** Claim: a console at which nobody works costs next to nothing. */
import { setTimeout as pause } from 'node:timers/promises'
import { createAgents, withFolder } from './bench-engine'
import { BARE_APP, executable, type RunningApp, startApp, startDriven } from './electron-app'
import { runningCopies, treeCpuMs, treePssMb } from './process-tree'
import { type Bench, type BenchOptions, type BenchResult, type Measured, toResult } from './result'
import { mean } from './stats'

const AGENTS = 100
const SAMPLE_MS = 1_000
/** After a start, until what it left to do later is done. */
const SETTLE_MS = 8_000
const PSS_SAMPLES = 5

interface Idle {
  readonly cpuPercent: number[]
  readonly pssMb: number[]
}

/** Watch an app that nobody touches, then end it. Memory is read last: reading it costs the kernel time. */
const watch = async (app: RunningApp, options: { last: string; idleMs: number }): Promise<Idle> => {
  const idle: Idle = { cpuPercent: [], pssMb: [] }
  try {
    await app.mark(options.last)
    await pause(SETTLE_MS)
    let before = { cpuMs: treeCpuMs(app.processId), atMs: performance.now() }
    for (let passedMs = 0; passedMs < options.idleMs; passedMs += SAMPLE_MS) {
      await pause(SAMPLE_MS)
      const now = { cpuMs: treeCpuMs(app.processId), atMs: performance.now() }
      idle.cpuPercent.push((100 * (now.cpuMs - before.cpuMs)) / (now.atMs - before.atMs))
      before = now
    }
    for (let count = 0; count < PSS_SAMPLES; count += 1) {
      idle.pssMb.push(treePssMb(app.processId))
      await pause(SAMPLE_MS / 5)
    }
  } finally {
    await app.stop()
  }
  return idle
}

const cpuOf = (name: string, { cpuPercent }: Idle): Measured => ({ name, samples: cpuPercent, value: mean(cpuPercent) })
const pssOf = (name: string, { pssMb }: Idle): Measured => ({ name, samples: pssMb })

const measure = async ({ idleMs, progress }: BenchOptions, folder: string): Promise<BenchResult[]> => {
  const seconds = idleMs / 1000
  if (runningCopies(executable()) > 0)
    progress('Another program runs on the same Electron: memory will come out too low.')
  const empty = `${folder}/empty`
  const full = `${folder}/full`
  await createAgents(full, AGENTS)
  const dataDir = `${folder}/bare`
  progress(`idle: bare app, ${seconds} s`)
  const bare = await watch(startApp({ app: BARE_APP, dataDir }), { last: 'page-loaded', idleMs })
  progress(`idle: bare app, hidden, ${seconds} s`)
  const env = { SYMBI_BENCH_HIDE: '1' }
  const bareHidden = await watch(startApp({ app: BARE_APP, dataDir, env }), { last: 'page-loaded', idleMs })
  const last = 'engine-settled'
  progress(`idle: no agents, overview in view, ${seconds} s`)
  const none = await watch(startDriven({ dataDir: empty }, { route: '/' }), { last, idleMs })
  progress(`idle: ${AGENTS} agents, their list in view, ${seconds} s`)
  const many = await watch(startDriven({ dataDir: full }, { route: '/agents' }), { last, idleMs })
  progress(`idle: ${AGENTS} agents, hidden, ${seconds} s`)
  const hidden = await watch(startDriven({ dataDir: full }, { route: '/agents', hide: true }), { last, idleMs })

  const pssBase = pssOf('bare Electron app: PSS of all processes', bare)
  const cpuBase = cpuOf('bare Electron app: CPU in view', bare)
  const hiddenBase = cpuOf('bare Electron app: CPU hidden', bareHidden)
  const cpu = { unit: '% of a core' } as const
  return [
    toResult({ unit: 'MB', ...pssOf('idle.pss-0-agents', none), baseline: pssBase }),
    toResult({ unit: 'MB', ...pssOf(`idle.pss-${AGENTS}-agents`, many), baseline: pssBase }),
    toResult({ ...cpu, ...cpuOf('idle.cpu-0-agents', none), baseline: cpuBase }),
    toResult({ ...cpu, ...cpuOf(`idle.cpu-${AGENTS}-agents`, many), baseline: cpuBase }),
    toResult({ ...cpu, ...cpuOf(`idle.cpu-${AGENTS}-agents-hidden`, hidden), baseline: hiddenBase }),
  ]
}

export const idle: Bench = {
  name: 'idle',
  async run(options) {
    if (process.platform !== 'linux')
      throw new Error('Memory and processor time of a tree of processes are read from /proc, which Linux has.')
    return withFolder((folder) => measure(options, folder))
  },
}
