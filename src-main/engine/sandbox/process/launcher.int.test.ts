import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createLauncher, type LaunchOrder } from './launcher'

const resourcesDir = resolve('resources')
const launcher = () => createLauncher({ resourcesDir, nodePath: async () => process.execPath })
const order = (program: string): LaunchOrder => ({
  path: process.execPath,
  args: ['-e', program],
  cwd: tmpdir(),
  env: { GIVEN: 'yes' },
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const gone = (pid: number): Promise<void> => expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)

describe('the launcher', () => {
  it('hands over the pipes of a process, and tells how it ended', async () => {
    const started = await launcher().launch(
      order(
        'process.stdin.on("data", (d) => { process.stdout.write("got " + d); process.stderr.write("seen"); process.exit(3) })',
      ),
    )
    started.stdin.write('hello')
    expect(await Promise.all([text(started.stdout), text(started.stderr)])).toEqual(['got hello', 'seen'])
    expect(await started.exited).toEqual({ code: 3, signal: null })
    await started.closed
  })

  it('gives the environment that was named, and nothing of ours', async () => {
    const started = await launcher().launch(order('process.stdout.write(JSON.stringify(process.env))'))
    expect(JSON.parse(await text(started.stdout))).toEqual({ GIVEN: 'yes' })
  })

  it('loses nothing of a large output', async () => {
    const started = await launcher().launch(order('process.stdout.write("x".repeat(5_000_000))'))
    expect((await text(started.stdout)).length).toBe(5_000_000)
  })

  it('says so when a program cannot be started, and starts the next', async () => {
    const one = launcher()
    await expect(one.launch({ ...order(''), path: '/no/such/program' })).rejects.toMatchObject({ code: 'SANDBOX_002' })
    const started = await one.launch(order('process.exit(4)'))
    expect(await started.exited).toEqual({ code: 4, signal: null })
  })

  it('starts many at once', async () => {
    const one = launcher()
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) => one.launch(order(`process.stdout.write("${n}")`))),
    )
    expect(await Promise.all(all.map((started) => text(started.stdout)))).toEqual(all.map((_, n) => String(n)))
  })

  it('ends what it started when the engine is killed', async () => {
    const engine = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process')
         const address = require('node:path').join(require('node:fs').mkdtempSync(require('node:os').tmpdir() + '/launch-'), 's')
         require('node:net').createServer(() => undefined).listen(address, () => {
         const l = spawn(process.execPath, [${JSON.stringify(resolve(resourcesDir, 'process-launcher', 'launcher.mjs'))}],
           { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
         l.on('message', (m) => m.pid && process.stdout.write(String(m.pid)))
         l.send({ id: '0123456789abcdef', address, path: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'], cwd: '/', env: {} }) })`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [said] = (await once(engine.stdout, 'data')) as [Buffer]
    const agent = Number(said.toString())
    expect(isAlive(agent)).toBe(true)
    engine.kill('SIGKILL')
    await gone(agent)
  })
})
