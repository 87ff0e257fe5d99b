/**
 * The product's main job, from end to end: real Electron, real Docker, real keyring, a real tool server.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from './fixtures/app'
import { containersOf } from './fixtures/containers'
import { agentsPageOf } from './pages/agents'
import { auditPageOf } from './pages/audit'
import { reviewsPageOf } from './pages/reviews'
import { secretsPageOf } from './pages/secrets'
import { shellOf } from './pages/shell'

const EVERYTHING = {
  name: 'everything',
  command: resolve('node_modules/.bin/node'),
  args: [resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js')],
}
const CANARY = 'canary-31b7-never-in-plain-text'

/** Every byte that the product keeps, as text. */
const everythingKept = async (dir: string): Promise<string> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))
  return texts.join('\n')
}

test('an agent reads a secret and calls an approved tool, and all of it can be seen and verified', async ({
  page,
  dataDir,
}) => {
  test.setTimeout(240_000)
  const shell = shellOf(page)
  const agents = agentsPageOf(page)
  const reviews = reviewsPageOf(page)
  const secrets = secretsPageOf(page)
  const audit = auditPageOf(page)
  const input = { tool: 'everything.echo', message: 'hello there', secret: 'demo/token', rounds: 1, pauseMs: 100 }

  await reviews.connect(EVERYTHING)
  await secrets.create({ name: 'demo/token', value: CANARY, description: 'for the tour' })
  await agents.createFrom('Call a tool')

  // Before anybody approved the tool, the call is refused, with a reason.
  await agents.run(input)
  await agents.waitForState('Failed', 120_000)
  await expect(agents.log()).toContainText('REVIEW_001')

  await shell.goTo('Reviews')
  await reviews.select('everything.echo')
  await reviews.approve('It only repeats what it is given.')

  await shell.goTo('Agents')
  await agents.open('Call a tool')
  await agents.run({ ...input, rounds: 10, pauseMs: 1000 })
  await agents.waitForState('Running')
  await expect(agents.log()).toContainText('hello there')
  await agents.tab('Charts')
  const cpu = page.getByRole('figure', { name: 'CPU' })
  await expect(async () => {
    expect(Number(await cpu.getAttribute('data-points'))).toBeGreaterThanOrEqual(3)
  }).toPass({ timeout: 15_000 })
  await agents.waitForState('Completed', 60_000)
  await agents.tab('Runs')
  await expect(
    page
      .getByRole('grid', { name: 'Runs' })
      .getByText(/completed/i)
      .first(),
  ).toBeVisible()

  // Everything of this run stands in the audit trail under its correlation id.
  await agents.followIntoAudit()
  for (const action of ['agent.run', 'agent.running', 'secret.read', 'tool.call', 'run.complete', 'run.end'])
    await expect(audit.rows().filter({ hasText: action }).first()).toBeVisible()
  await audit.verify()
  await expect(page.getByText(/verifies/i).first()).toBeVisible()

  // Stop ends a run and leaves no container behind.
  await agents.createFrom('Call a tool')
  await agents.run({ ...input, rounds: 500, pauseMs: 200 })
  await agents.waitForState('Running')
  await agents.stop()
  await agents.waitForState('Terminated')
  expect(containersOf(dataDir)).toEqual([])

  expect(await everythingKept(dataDir)).not.toContain(CANARY)
  expect(await page.content()).not.toContain(CANARY)
})

test('a secret is concealed, revealed on demand, hidden again, and deleted', async ({ page }) => {
  const shell = shellOf(page)
  const secrets = secretsPageOf(page)
  await secrets.create({ name: 'app/api-key', value: CANARY })
  await secrets.select('app/api-key')
  await expect(page.getByText(CANARY)).toHaveCount(0)
  await shell.button('Reveal').first().click()
  await expect(page.getByText(CANARY)).toBeVisible()
  await shell.button('Hide').click()
  expect(await page.content()).not.toContain(CANARY)
  await shell.button('Delete').first().click()
  await shell.dialog().getByRole('textbox').first().fill('app/api-key')
  await shell.dialog().getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('app/api-key', { exact: true })).toHaveCount(0)
})

test('a suspended agent stands still and goes on when it is resumed', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const agents = agentsPageOf(page)
  await agents.createFrom('Hello')
  await agents.editSource(`console.error('started'); let n = 0; setInterval(() => console.error('tick ' + ++n), 100)`)
  await agents.run({})
  await agents.waitForState('Running')
  await expect(agents.log()).toContainText('tick')
  await shell.button('Suspend').first().click()
  await agents.waitForState('Suspended')
  await shell.button('Resume').first().click()
  await agents.waitForState('Running')
  await agents.stop()
  await agents.waitForState('Terminated')
})
