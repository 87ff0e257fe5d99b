import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { note, type Promised, type Said } from './ledger'

/** How a series of kills went. */
export interface KillReport {
  /** From the start of the process to an open engine, after each kill. */
  readonly startMs: readonly number[]
  /** The same as time of the processor: other work on the machine is not in it. */
  readonly startCpuMs: readonly number[]
  readonly kills: number
  /** Promises that were held against what was there, over all rounds. */
  readonly checked: number
  readonly faults: readonly string[]
}

export interface KillOptions {
  /** The bundled child.ts. */
  readonly program: string
  readonly rounds: number
  /** A number from 0 to 1. */
  readonly random: () => number
  readonly progress: (text: string) => void
}

/** The audit trail of a folder is verified whole each round, so a folder serves for so many. */
const ROUNDS_PER_FOLDER = 10
/** A kill comes this long after the work began, or, each fourth time, after the process was started. */
const WORK_MS = { least: 100, most: 2_500 }
const START_MS = { least: 20, most: 900 }
/** A child that says nothing more is a fault too. */
const SILENT_MS = 90_000

const between = ({ least, most }: { least: number; most: number }, random: () => number): number =>
  least + Math.floor(random() * (most - least))

interface Round {
  readonly dir: string
  readonly ledger: Record<string, Promised>
  readonly name: string
  /** Null: it ends by itself once it has checked. */
  readonly kill: { readonly after: 'start' | 'checked'; readonly ms: number } | null
}

interface Outcome {
  readonly open: { readonly ms: number; readonly cpuMs: number } | null
  readonly checked: number
  readonly faults: readonly string[]
}

/** One life of the engine on the folder. */
const live = async (program: string, { dir, ledger, name, kill }: Round): Promise<Outcome> => {
  const ledgerPath = join(dir, 'ledger-of-the-test.json')
  writeFileSync(ledgerPath, JSON.stringify(ledger))
  const child = spawn(process.execPath, [program, dir, ledgerPath, name, ...(kill === null ? ['end'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = `${complaints}${text}`.slice(-2_000)
  })
  let killed = false
  let open: Outcome['open'] = null
  let outcome: Pick<Outcome, 'checked' | 'faults'> | null = null
  const end = (): void => {
    killed = true
    child.kill('SIGKILL')
  }
  const silence = setTimeout(() => child.kill('SIGKILL'), SILENT_MS)
  let timer = kill?.after === 'start' ? setTimeout(end, kill.ms) : undefined
  for await (const text of createInterface({ input: child.stdout })) {
    // The last line may have been cut off by the kill.
    if (!text.endsWith('}')) continue
    const line = JSON.parse(text) as Said
    note(ledger, line)
    if (line.said === 'open') open = line
    if (line.said === 'checked') {
      outcome = line
      if (kill?.after === 'checked') timer = setTimeout(end, kill.ms)
    }
  }
  await closed
  clearTimeout(silence)
  clearTimeout(timer)
  const failed = !killed && (kill !== null || child.exitCode !== 0)
  return {
    open,
    checked: outcome?.checked ?? 0,
    faults: [
      ...(outcome?.faults ?? []),
      ...(failed ? [`it ended by itself: ${complaints.trim().split('\n').slice(0, 12).join('\n')}`] : []),
    ],
  }
}

/** Let the engine work and kill it, again and again; what the next one finds is held against what was promised. */
export const killRounds = async ({ program, rounds, random, progress }: KillOptions): Promise<KillReport> => {
  const starts: NonNullable<Outcome['open']>[] = []
  const faults: string[] = []
  let checked = 0
  let dir = ''
  let ledger: Record<string, Promised> = {}
  const lives = async (name: string, kill: Round['kill'], isFirst: boolean): Promise<void> => {
    const outcome = await live(program, { dir, ledger, name, kill })
    if (outcome.open !== null && !isFirst) starts.push(outcome.open)
    checked += outcome.checked
    faults.push(...outcome.faults.map((fault) => `${name}: ${fault}`))
    progress(
      `${name}: open after ${outcome.open?.ms.toFixed(0) ?? '?'} ms, ${outcome.checked} promises, ${outcome.faults.length} faults`,
    )
  }
  for (let round = 0; round < rounds; round += 1) {
    const isFirst = round % ROUNDS_PER_FOLDER === 0
    if (isFirst) {
      dir = mkdtempSync(join(tmpdir(), 'symbi-kill-'))
      ledger = {}
    }
    const duringStart = !isFirst && round % 4 === 3
    const kill = duringStart
      ? ({ after: 'start', ms: between(START_MS, random) } as const)
      : ({ after: 'checked', ms: between(WORK_MS, random) } as const)
    await lives(`round-${round + 1}`, kill, isFirst)
    if (round === rounds - 1 || (round + 1) % ROUNDS_PER_FOLDER === 0) {
      await lives(`after-round-${round + 1}`, null, false)
      if (faults.length === 0) rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  return {
    startMs: starts.map(({ ms }) => ms),
    startCpuMs: starts.map(({ cpuMs }) => cpuMs),
    kills: rounds,
    checked,
    faults,
  }
}
