/** Docker is stopped for half a minute under five agents: they wait and go on, and the console says so throughout. */
import { createSecondDaemon, type SecondDaemon } from '../src-main/engine/sandbox/docker/second-daemon-fixture'
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { shellOf } from './pages/shell'

const AGENTS = 5
const DOWN_MS = 30_000

/** Counts in its memory, which the console keeps: what was lost or done twice would not add up. */
const COUNTER = `import { run } from 'symbi'
run(async ({ memory }) => {
  for (let count = 1; ; count += 1) {
    const known = (await memory.get('count')) ?? 0
    if (known !== count - 1) throw new Error('knew ' + known + ' at ' + count)
    await memory.put('count', count)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})
`

let daemon: SecondDaemon
test.beforeAll(async () => {
  daemon = await createSecondDaemon({ liveRestore: true })
  await daemon.start()
})
test.afterAll(() => daemon.remove())

test('agents outlive their Docker daemon', async ({ launch }) => {
  test.setTimeout(180_000)
  const { page } = await launch({ env: { DOCKER_HOST: `unix://${daemon.socketPath}` } })
  const shell = shellOf(page)
  const [hello] = await ask(page, 'agents.templates', {})
  if (hello === undefined) throw new Error('there is no template')
  for (let index = 1; index <= AGENTS; index += 1) {
    const { id } = await ask(page, 'agents.create', {
      definition: {
        ...hello.definition,
        name: `Counter ${index}`,
        executionMode: 'persistent',
        capabilities: ['memory'],
        source: { language: 'javascript', text: COUNTER },
        limits: { ...hello.definition.limits, memoryMb: 64, cpuCores: 0.1 },
      },
    })
    await ask(page, 'agents.run', { id })
  }
  const states = async () => (await ask(page, 'agents.list', {})).map(({ state }) => state)
  const all = (state: string) => Array.from({ length: AGENTS }, () => state)
  await expect.poll(states, { timeout: 60_000 }).toEqual(all('Running'))

  await daemon.kill()
  const downSince = Date.now()
  await expect.poll(states).toEqual(all('Waiting'))
  await shell.goTo('Agents')
  await expect(page.getByRole('row').filter({ hasText: 'Counter 1' })).toContainText('Waiting')
  await shell.goTo('Overview')
  const recovery = page.locator('[data-part="recovery"]')
  await expect(recovery).toContainText('docker:local is not called for now', { timeout: 20_000 })
  await recovery.getByRole('link').click()
  const breaker = page.getByRole('row').filter({ hasText: 'docker:local' })
  await expect(breaker).toContainText('Open')
  await expect(breaker).toContainText('SANDBOX_004')
  // All of the half minute: nothing gives up meanwhile.
  await expect.poll(() => Date.now() - downSince, { timeout: DOWN_MS + 10_000 }).toBeGreaterThan(DOWN_MS)
  expect(await states()).toEqual(all('Waiting'))

  await daemon.start()
  await expect.poll(states, { timeout: 20_000 }).toEqual(all('Running'))
  await expect(breaker).toContainText('Closed')
  const runs = await ask(page, 'executions.list', { limit: 20 })
  expect(runs.map(({ state, attempt }) => [state, attempt])).toEqual(
    Array.from({ length: AGENTS }, () => ['running', 1]),
  )
  expect(await daemon.docker.listContainers({ all: true })).toHaveLength(AGENTS)
  expect(await ask(page, 'recovery.events', { limit: 10 })).toEqual([])
})
