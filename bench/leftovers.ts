import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Engine } from '../src-main/engine/engine'

interface Known {
  readonly id: number
  readonly parent: number
  readonly isLauncher: boolean
}

const processes = (): readonly Known[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of the program stands in brackets and may hold anything; what follows it does not.
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        const isLauncher = readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('launcher.mjs')
        return state === 'Z' ? [] : [{ id: Number(name), parent: Number(parent), isLauncher }]
      } catch {
        // It ended while it was looked at.
        return []
      }
    })

/**
 * Processes that this one or its launcher started and that still are; the launcher itself stays as long as the engine.
 * Linux only; elsewhere nothing can be said, so none.
 */
export const agentProcesses = (): number[] => {
  if (process.platform !== 'linux') return []
  const all = processes()
  const launchers = new Set(all.filter((one) => one.isLauncher && one.parent === process.pid).map(({ id }) => id))
  return all
    .filter(({ id, parent }) => !launchers.has(id) && (parent === process.pid || launchers.has(parent)))
    .map(({ id }) => id)
}

/** Containers, running or not, that carry the label of this engine's installation. */
export const containersOf = (engine: Engine): string[] => {
  const row = engine.store.get<{ value: string }>(`SELECT value FROM meta WHERE key = 'installation'`)
  if (row === undefined) throw new Error('The data folder has no installation id.')
  const filter = `label=dev.symbi.installation=${row.value}`
  return execFileSync('docker', ['ps', '-aq', '--filter', filter], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

/** Ask again until `look` finds nothing, or the time is up; what is left then. */
export const untilNone = async <T>(look: () => readonly T[], withinMs: number): Promise<readonly T[]> => {
  const endsAtMs = performance.now() + withinMs
  for (;;) {
    const left = look()
    if (left.length === 0 || performance.now() > endsAtMs) return left
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
