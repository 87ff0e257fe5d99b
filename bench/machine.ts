import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'

/** What a figure was measured on; without it no two figures can be compared. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly os: string
  readonly kernel: string
  readonly node: string
  readonly electron: string
  /** Version of the daemon; absent where none answers. */
  readonly docker?: string
}

let known: Machine | undefined

/** The machine that this runs on, looked at once. Electron's version comes from scripts/bench.mjs, which chose it. */
export const readMachine = (): Machine => {
  known ??= look()
  return known
}

const look = (): Machine => {
  const docker = dockerVersion()
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? arch(),
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1e9),
    os: osName(),
    kernel: release(),
    node: process.versions.node,
    electron: process.env['SYMBI_BENCH_ELECTRON_VERSION'] ?? 'none',
    ...(docker === undefined ? {} : { docker }),
  }
}

const osName = (): string => {
  if (platform() !== 'linux') return platform()
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))
    return name?.[1] ?? 'Linux'
  } catch {
    // A Linux that does not say which.
    return 'Linux'
  }
}

const dockerVersion = (): string | undefined => {
  try {
    const args = ['version', '--format', '{{.Server.Version}}']
    return execFileSync('docker', args, {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    // No client, or no daemon: then no figure depends on it.
    return undefined
  }
}
