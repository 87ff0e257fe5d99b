import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { BackendId } from '@contract'
import { type Clock, isRuntimeError, type Log, messageOf, RuntimeError } from '../../core'
import { findNodeBinary, type NodeBinary } from '../node-binary'
import { readClientLibrary, STAGED_FOLDERS, type StagedFile, stagedFiles } from '../stage'
import type { FoundSandbox, SandboxDriver, SandboxSpec, TierStatus } from '../types'
import { createLauncher } from './launcher'
import { createProcTable, readProcess } from './proc-table'
import { createProcessRecords, type ProcessRecord } from './process-records'
import { createProcessSandbox } from './process-sandbox'

const WORK_PREFIX = 'symbi-tier0-'
const ALLOW_STEP = 'Set allow_tier0 = true under [sandbox] in runtime_config.toml; for development only.'

export interface ProcessDriverOptions {
  /** Off unless the operator has allowed it: nothing holds such an agent back. */
  readonly allowed: boolean
  /** The engine's data folder: where the records of running processes are kept. */
  readonly dataDir: string
  /** Where agent-runtime/ lies. */
  readonly resourcesDir: string
  readonly clock: Clock
  readonly log: Log
  readonly nodeBinary?: string
}

/** Tier 0: a plain process, no walls. For development, so that a machine without Docker can run the templates. */
export const createProcessDriver = (options: ProcessDriverOptions): SandboxDriver => {
  const { allowed, dataDir, resourcesDir, clock } = options
  const log = options.log.child('sandbox')
  const records = createProcessRecords(join(dataDir, 'tier0'))
  /** Executions of this engine, which are nobody's orphans even before their process is there. */
  const mine = new Set<string>()
  let node: Promise<NodeBinary> | undefined

  const usableNode = (): Promise<NodeBinary> => {
    if (!allowed) {
      return Promise.reject(new RuntimeError('SANDBOX_001', 'Tier 0 is off.', { nextStep: ALLOW_STEP }))
    }
    node ??= findNodeBinary('SANDBOX_001', options.nodeBinary).catch((error: unknown) => {
      node = undefined
      throw error
    })
    return node
  }

  const table = createProcTable(clock)
  /** Of the product itself, so it does not change while it runs. */
  let client: Promise<readonly StagedFile[]> | undefined
  const launcher = createLauncher({ resourcesDir, nodePath: async () => (await usableNode()).path })

  const stage = async (spec: SandboxSpec): Promise<string> => {
    client ??= readClientLibrary(resourcesDir)
    const workDir = await mkdtemp(join(tmpdir(), WORK_PREFIX))
    await records.write({ executionId: spec.executionId, workDir })
    for (const name of STAGED_FOLDERS) await mkdir(join(workDir, name))
    await Promise.all(
      stagedFiles(spec, await client).map((file) => writeFile(join(workDir, file.path), file.bytes, { mode: 0o400 })),
    )
    return workDir
  }

  return {
    id: BackendId.parse('process:local'),
    title: 'Processes on this machine',
    kind: 'process',
    tier: 'tier0',

    async probe(): Promise<TierStatus> {
      const tier = 'tier0'
      if (!allowed) {
        return { tier, status: 'fail', cause: 'Off: no agent runs without walls.', fix: ALLOW_STEP, command: null }
      }
      try {
        const { version } = await usableNode()
        const cause = `On, with Node.js ${version}: agents of tier 0 run without any walls.`
        return { tier, status: 'warn', cause, fix: 'Turn it off where agents are not your own.', command: null }
      } catch (error) {
        const fix = isRuntimeError(error) ? error.nextStep : ''
        return { tier, status: 'fail', cause: messageOf(error), fix, command: null }
      }
    },

    async prepare(signal) {
      signal.throwIfAborted()
      await usableNode()
    },

    async create(spec) {
      const { executionId } = spec
      const usable = await usableNode()
      try {
        mine.add(executionId)
        const workDir = await stage(spec)
        const onGone = (): boolean => mine.delete(executionId)
        return createProcessSandbox({
          executionId,
          node: usable,
          launcher,
          workDir,
          records,
          table,
          clock,
          log,
          onGone,
        })
      } catch (error) {
        mine.delete(executionId)
        throw new RuntimeError('SANDBOX_002', `The work folder could not be made: ${messageOf(error)}`, {
          cause: error,
        })
      }
    },

    async found() {
      const live: FoundSandbox[] = []
      for (const record of await records.list()) {
        const destroy = () => destroyRecorded(record)
        if (await isSameProcess(record)) live.push({ id: String(record.pid), executionId: record.executionId, destroy })
        else if (!mine.has(record.executionId)) await destroy()
      }
      return live
    },
  }

  async function destroyRecorded(record: ProcessRecord): Promise<void> {
    if (record.pid !== undefined && (await isSameProcess(record))) {
      process.kill(-record.pid, 'SIGKILL')
      const untilMs = performance.now() + 5_000
      while ((await isSameProcess(record)) && performance.now() < untilMs) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    // Only a folder that was made here is removed, whatever a changed record says.
    const workDir = resolve(record.workDir)
    if (dirname(workDir) === resolve(tmpdir()) && basename(workDir).startsWith(WORK_PREFIX)) {
      await rm(workDir, { recursive: true, force: true })
    }
    await records.remove(record.executionId)
  }
}

/** A pid is used again after a while; the start time tells whether it is still the process that was recorded. */
const isSameProcess = async (record: ProcessRecord): Promise<boolean> =>
  record.pid !== undefined &&
  record.startTicks !== undefined &&
  (await readProcess(record.pid))?.startTicks === record.startTicks
