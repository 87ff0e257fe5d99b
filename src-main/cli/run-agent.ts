import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { type AgentDefinition, AgentName, type CorrelationId, type Execution, type Json, type LogLine } from '@contract'
import { createIds, messageOf, RuntimeError, systemClock, toWireError } from '../engine/core'
import type { Engine } from '../engine/engine'
import { cliCaller } from './caller'
import { type CommonOptions, engineOf, openHost } from './open-host'

interface RunOptions extends CommonOptions {
  readonly target: string
  readonly input: unknown
  readonly tier: string | undefined
}

/** What a plain JavaScript file gets: memory, nothing else. Everything more is a person's decision in the console. */
const definitionOfFile = async (file: string): Promise<AgentDefinition> => {
  const name = AgentName.safeParse(basename(file, extname(file)))
  return {
    name: name.success ? name.data : 'agent',
    description: '',
    source: { language: 'javascript', text: await readFile(file, 'utf8') },
    files: [],
    executionMode: 'ephemeral',
    securityTier: 'tier1',
    limits: {
      memoryMb: 256,
      cpuCores: 1,
      diskIoMbps: 50,
      networkIoMbps: 10,
      executionTimeoutMs: 3_600_000,
      idleTimeoutMs: 300_000,
    },
    capabilities: ['memory'],
    tools: [],
    secrets: [],
    messages: [],
    priority: 'normal',
    concurrency: 1,
    heartbeatIntervalMs: 30_000,
    metadata: {},
  }
}

const resolve = async (engine: Engine, target: string): Promise<{ definition: AgentDefinition; input: Json }> => {
  const template = engine.templates.find((candidate) => candidate.id === target)
  if (template !== undefined) return { definition: template.definition, input: template.exampleInput }
  if (!/\.(m?js)$/.test(target))
    throw new RuntimeError('AGENT_005', `There is no template "${target}".`, {
      nextStep: `Choose one of ${engine.templates.map(({ id }) => id).join(', ')}, or name a .js or .mjs file.`,
    })
  try {
    return { definition: await definitionOfFile(target), input: null }
  } catch (cause) {
    throw new RuntimeError('AGENT_005', `The file ${target} cannot be read.`, {
      cause,
      nextStep: 'Check the path of the file.',
    })
  }
}

const printLine = (line: LogLine): void => {
  process.stderr.write(`${new Date(line.atMs).toISOString()} ${line.source} ${line.level} ${line.text}\n`)
}

const answer = (end: Execution): number => {
  if (end.state === 'succeeded') {
    process.stdout.write(`${JSON.stringify(end.output)}\n`)
    return 0
  }
  process.stderr.write(
    `${end.errorCode ?? end.endCause}: ${end.errorMessage ?? end.state}\n${end.errorNextStep ?? ''}\n`,
  )
  return end.exitCode === null || end.exitCode === 0 ? 1 : end.exitCode
}

/** The end of a run, or of the last of those that followed it by themselves after a failure. */
const lastEnd = async (engine: Engine, first: Execution): Promise<Execution> => {
  const successors = new Map<string, Execution['id'] | null>()
  const forget = engine.runs.onEnded(({ executionId, successor }) => successors.set(executionId, successor))
  try {
    let end = await engine.runs.ended(first.id)
    for (;;) {
      const next = successors.get(end.id) ?? null
      if (next === null) return end
      process.stderr.write(`${end.errorCode ?? end.endCause}: ${end.errorMessage ?? end.state} It is tried again.\n`)
      end = await engine.runs.ended(next)
    }
  } finally {
    forget()
  }
}

/** Run one agent to its end. @returns the exit code: that of the program, or 1 when it ended badly without one */
export const runAgent = async (options: RunOptions): Promise<number> => {
  const host = openHost(options)
  await host.start()
  try {
    const engine = engineOf(host)
    const { definition, input } = await resolve(engine, options.target)
    const caller = cliCaller()
    const asking = { caller, correlationId: createIds(systemClock)<CorrelationId>() }
    const agent = await engine.agents.create(asking, {
      ...definition,
      ...(options.tier === undefined ? {} : { securityTier: `tier${options.tier}` as AgentDefinition['securityTier'] }),
    })
    const unsubscribe = host.events.subscribe(({ topic }) => {
      if (topic === 'approvals.changed') {
        const { approvals, nowMs } = engine.approvals.list({ status: 'pending', limit: 5 })
        for (const { action, resource, deadlineMs } of approvals)
          process.stderr.write(
            `${action} ${resource} waits for approval. Nobody can give it here, so it is denied in ${Math.ceil((deadlineMs - nowMs) / 1000)} s.\n`,
          )
      }
      if (topic !== 'tasks.changed') return
      const [task] = engine.tasks.list()
      if (task?.state === 'running' && task.step !== '') process.stderr.write(`${task.title}: ${task.step}\n`)
    })
    const execution = await engine.runs.start(asking, {
      id: agent.id,
      input: options.input === undefined ? input : (options.input as Json),
    })
    const logEnded = new Promise<void>((resolveEnd) => {
      engine.logs.tail(execution.id, 0)({ emit: (lines) => lines.forEach(printLine), end: () => resolveEnd() })
    })
    let stopping: Promise<unknown> | undefined
    const stop = (reason: string): Promise<unknown> =>
      engine.runs
        .stop(asking, agent.id, reason)
        .catch((error: unknown) => process.stderr.write(`${toWireError(error).code}: ${messageOf(error)}\n`))
    const interrupt = (): void => {
      stopping = stop('interrupted at the command line')
    }
    process.once('SIGINT', interrupt)
    process.once('SIGTERM', interrupt)
    const end = await lastEnd(engine, execution)
    await logEnded
    unsubscribe()
    // This agent was made for one run; left as it is, each run would count towards the most agents allowed.
    await (stopping ?? stop('its run at the command line has ended'))
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    return answer(end)
  } finally {
    await host.close()
  }
}
