import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Engine } from '../src-main/engine/engine'

/** Processes that this one started and that still are. Linux only; elsewhere nothing can be said, so none. */
export const childProcesses = (): number[] => {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of the program stands in brackets and may hold anything; what follows it does not.
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return Number(parent) === process.pid && state !== 'Z' ? [Number(name)] : []
      } catch {
        // It ended while it was looked at.
        return []
      }
    })
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
