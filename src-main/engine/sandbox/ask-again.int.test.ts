import { resolve } from 'node:path'
import { Transform } from 'node:stream'
import { expect, it } from 'vitest'
import { silentLog, systemClock } from '../core'
import { serveAgent } from '../gateway'
import { tempDir } from '../testing/temp-dir'
import { createProcessDriver } from './index'
import { collect, never, specFor, waitFor } from './sandbox-fixture'

const PROGRAM = `
  import { run } from 'symbi'
  run(async ({ tools }) => {
    const answers = []
    for (const name of ['first', 'second', 'third']) answers.push(await tools.call(name, {}))
    return answers
  })`

/** Swallows each line that holds one of these texts, the first time. */
const losing = (...texts: readonly string[]): Transform => {
  const left = new Set(texts)
  let rest = ''
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const lost = [...left].find((text) => line.includes(text))
        if (lost === undefined) this.push(`${line}\n`)
        else left.delete(lost)
      }
      done()
    },
  })
}

it('an agent asks again what was lost in either direction, and nothing is done twice', async () => {
  const driver = createProcessDriver({
    dataDir: tempDir(),
    resourcesDir: resolve('resources'),
    clock: systemClock,
    log: silentLog,
    allowed: true,
  })
  const sandbox = await driver.create(specFor(PROGRAM))
  const io = await sandbox.start(never())
  const stderr = collect(io.stderr)
  // The second request is lost on its way here, the third answer on its way there.
  const stdin = losing('"told":"third"')
  stdin.pipe(io.stdin)
  const stdout = io.stdout.pipe(losing('"name":"second"'))
  const calls: string[] = []
  let output: unknown = null
  const gateway = serveAgent(
    { stdin, stdout },
    {
      tools: async () => [],
      async call(name, args) {
        calls.push(name)
        if (name === 'run.complete') output = args['output']
        return { ok: true, value: { told: name } }
      },
    },
    { log: silentLog },
  )
  await gateway.ready
  const asksAgainUntil = (condition: () => boolean) =>
    waitFor('the agent to go on', async () => {
      await gateway.connectedAgain()
      return condition()
    })
  await asksAgainUntil(() => calls.includes('second'))
  await asksAgainUntil(() => calls.includes('run.complete'))
  expect(await sandbox.wait()).toMatchObject({ exitCode: 0 })
  expect(calls).toEqual(['first', 'second', 'third', 'run.complete'])
  expect(output).toEqual(['first', 'second', 'third'].map((told) => ({ told })))
  expect(stderr.text()).toBe('')
  await gateway.close()
})
