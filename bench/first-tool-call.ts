/** Claim: an agent behind all walls of Tier 1 asks for its first tool about as soon as a bare container prints. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AgentDefinition, LogLine } from '@contract'
import type { Engine } from '../src-main/engine/engine'
import { asking, template, withEngine, withFolder } from './bench-engine'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

const FIRST_WORDS = 'first tool call'

/** Its first act is a tool call; the stamp of the line that comes of it says when the gateway had it. */
const PROGRAM = `import { run } from 'symbi'\nawait run(async ({ log }) => { await log.info('${FIRST_WORDS}') })\n`

const callerDefinition = (engine: Engine): AgentDefinition => {
  const hello = template(engine, 'hello')
  return {
    ...hello,
    name: 'First call',
    source: { language: 'javascript', text: PROGRAM },
    limits: { ...hello.limits, memoryMb: 256, cpuCores: 1 },
  }
}

interface Times {
  readonly firstCallMs: number
  readonly endMs: number
  readonly image: string
}

/** Create an agent, run it to its end. Times are counted from before `agents.create`. */
const runOnce = async (engine: Engine, definition: AgentDefinition): Promise<Times> => {
  const who = asking()
  const beganAtMs = Date.now()
  const agent = await engine.agents.create(who, definition)
  const started = await engine.runs.start(who, { id: agent.id, input: {} })
  const run = await engine.runs.ended(started.id)
  const endMs = Date.now() - beganAtMs
  const image = run.sandbox?.image
  if (run.state !== 'succeeded' || !image) throw new Error(`The run ${run.state}: ${run.errorMessage ?? run.endCause}`)
  const lines: LogLine[] = engine.logs.page(run.id, undefined, 1000)
  const line = lines.find(({ source }) => source === 'agent')
  if (line === undefined) throw new Error('The agent called nothing.')
  return { firstCallMs: line.atMs - beganAtMs, endMs, image }
}

/** The same walls by hand, as far as the client has flags for them. */
const dockerArguments = (image: string, limits: AgentDefinition['limits']): string[] => [
  ...['run', '--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL', '--user', '1000:1000', '--init'],
  ...['--security-opt', 'no-new-privileges', '--pids-limit', '256', '--log-driver', 'none'],
  ...['--memory', `${limits.memoryMb}m`, '--memory-swap', `${limits.memoryMb}m`, '--cpus', String(limits.cpuCores)],
  ...['--tmpfs', '/tmp:rw,noexec,nosuid,nodev,size=64m', '--tmpfs', '/work:rw,noexec,nosuid,nodev,size=64m'],
  ...[image, 'node', '-e', 'console.log(1)'],
]

/** A bare container: first byte of its output, and its end. */
const dockerOnce = async (
  image: string,
  limits: AgentDefinition['limits'],
): Promise<{ byteMs: number; endMs: number }> => {
  const beganMs = performance.now()
  const child = spawn('docker', dockerArguments(image, limits), { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  const byteMs = performance.now() - beganMs
  const [code] = await exit
  if (code !== 0) throw new Error(`docker run ended with exit code ${code}.`)
  return { byteMs, endMs: performance.now() - beganMs }
}

const measure = async (options: BenchOptions, engine: Engine): Promise<BenchResult[]> => {
  const caller = callerDefinition(engine)
  const hello = template(engine, 'hello')
  options.progress('first-tool-call: a first run, not counted (the image is made where it is missing)')
  const { image } = await runOnce(engine, caller)
  await dockerOnce(image, caller.limits)
  const calls: number[] = []
  const bytes: number[] = []
  const hellos: number[] = []
  const bareEnds: number[] = []
  for (let number = 1; number <= options.rounds; number += 1) {
    options.progress(`first-tool-call: round ${number} of ${options.rounds}`)
    calls.push((await runOnce(engine, caller)).firstCallMs)
    bytes.push((await dockerOnce(image, caller.limits)).byteMs)
    hellos.push((await runOnce(engine, hello)).endMs)
    bareEnds.push((await dockerOnce(image, hello.limits)).endMs)
  }
  return [
    toResult({
      name: 'first-tool-call.create-to-call',
      unit: 'ms',
      samples: calls,
      baseline: { name: 'docker run with the same image and walls: spawn to first byte', samples: bytes },
    }),
    toResult({
      name: 'first-tool-call.hello-run',
      unit: 'ms',
      samples: hellos,
      baseline: { name: 'docker run with the same image, walls and limits: spawn to exit', samples: bareEnds },
    }),
  ]
}

export const firstToolCall: Bench = {
  name: 'first-tool-call',
  run: (options) => withFolder((folder) => withEngine(folder, (engine) => measure(options, engine))),
}
