import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'

/** How long a daemon may take to answer after its start. */
const START_MS = 20_000
const STOP_MS = 10_000

/** A real Docker Engine of its own, to be killed, frozen and started again while others go on undisturbed. */
export interface SecondDaemon {
  readonly socketPath: string
  /** For a test's own look at it; not bound by any time limit of ours. */
  readonly docker: Docker
  /** Resolves when it answers. */
  start(): Promise<void>
  /** Resolves when its process is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** It accepts connections and answers nothing. */
  freeze(): void
  thaw(): void
  /** Where it keeps what it knows of a container. */
  folderOf(containerId: string): string
  /** What it wrote, for a test that fails. */
  log(): Promise<string>
  /** Remove its containers, end it, leave nothing behind. */
  remove(): Promise<void>
}

/** Why a second daemon cannot be had here; null when it can. */
export const whyNoSecondDaemon = (): string | null => {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  for (const program of ['dockerd', 'unshare', 'ip'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed`
  return null
}

/**
 * It gets a network namespace of its own, since a daemon without a bridge removes the bridge of the other one
 * (moby issue 26989), and a configuration file of its own, since it would take that of the other one.
 *
 * @throws Error when it cannot be had here; see {@link whyNoSecondDaemon}
 */
export const createSecondDaemon = async ({ liveRestore }: { readonly liveRestore: boolean }): Promise<SecondDaemon> => {
  const missing = whyNoSecondDaemon()
  if (missing !== null) throw new Error(`A second Docker daemon cannot be started: ${missing}.`)
  const folder = await mkdtemp(join(tmpdir(), 'symbi-dockerd-'))
  const at = (name: string): string => join(folder, name)
  const socketPath = at('d.sock')
  const docker = new Docker({ socketPath })
  await writeFile(at('daemon.json'), JSON.stringify({ 'live-restore': liveRestore }))
  let child: ChildProcess | undefined

  const answers = (): Promise<boolean> =>
    docker.ping().then(
      () => true,
      () => false,
    )

  const log = async (): Promise<string> => (await readFile(at('log'), 'utf8').catch(() => '')).slice(-4_000)

  const start = async (): Promise<void> => {
    await rm(at('d.pid'), { force: true })
    const options = `--config-file ${at('daemon.json')} --data-root ${at('data')} --exec-root ${at('exec')} \
      -H unix://${socketPath} --pidfile ${at('d.pid')} --bridge none --iptables=false`
    const out = await open(at('log'), 'a')
    child = spawn('unshare', ['-n', 'sh', '-c', `ip link set lo up; exec dockerd ${options}`], {
      stdio: ['ignore', out.fd, out.fd],
      detached: true,
    })
    await out.close()
    const untilMs = performance.now() + START_MS
    while (!(await answers())) {
      if (performance.now() > untilMs) throw new Error(`The second Docker daemon does not start: ${await log()}`)
      await pause(50)
    }
  }

  const kill: SecondDaemon['kill'] = async (signal = 'SIGKILL') => {
    const target = child
    child = undefined
    if (target === undefined || target.exitCode !== null || target.signalCode !== null) return
    const gone = new Promise<void>((resolve) => {
      target.once('exit', () => resolve())
    })
    // unshare and sh have become it: the process is the same.
    target.kill(signal)
    await gone
    await untilHelperIsGone()
  }

  /** Its containerd goes with it, a moment later; the next start would take the one that is going for its own. */
  const untilHelperIsGone = async (): Promise<void> => {
    const pidFile = at('exec/containerd/containerd.pid')
    const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
    const isAlive = async (): Promise<boolean> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return stat !== '' && !/\) [ZX] /.test(stat)
    }
    while (pid > 0 && (await isAlive())) await pause(10)
    await rm(pidFile, { force: true })
  }

  const removeAll = async (): Promise<void> => {
    const containers = await docker.listContainers({ all: true })
    await Promise.all(containers.map(({ Id: id }) => docker.getContainer(id).remove({ force: true, v: true })))
  }

  return {
    socketPath,
    docker,
    start,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    folderOf: (containerId) => join(at('data'), 'containers', containerId),
    log,
    async remove() {
      child?.kill('SIGCONT')
      if (child === undefined && existsSync(at('data'))) await start()
      if (child !== undefined) await removeAll()
      const timer = setTimeout(() => void kill('SIGKILL'), STOP_MS)
      await kill('SIGTERM')
      clearTimeout(timer)
      await endLeftovers(folder)
      // What it mounted stays mounted when it was killed once.
      const mounts = (await readFile('/proc/self/mounts', 'utf8'))
        .split('\n')
        .map((line) => line.split(' ')[1] ?? '')
        .filter((path) => path.startsWith(`${folder}/`))
      for (const path of mounts.reverse()) spawnSync('umount', ['-l', path])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Programs of containers that the daemon has forgotten, and what watches over them. */
const endLeftovers = async (folder: string): Promise<void> => {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (!command.includes(`-address\0${folder}/`)) continue
    const children = await readFile(`/proc/${name}/task/${name}/children`, 'utf8').catch(() => '')
    for (const pid of [...children.split(' ').filter((one) => one.trim() !== ''), name]) spawnSync('kill', ['-9', pid])
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
