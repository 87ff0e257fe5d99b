/** What goes wrong says its code and the next step, and the console stays usable. */
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { agentsPageOf } from './pages/agents'
import { secretsPageOf } from './pages/secrets'
import { shellOf } from './pages/shell'

const NO_SECRETS = `version: "1.0"
policies:
  - name: "no secrets for agents"
    effect: "Deny"
    conditions:
      - principal: "agent"
      - resource_type: "Secret"
    resources: ["**"]
    operations: ["Read"]
`

test('a policy that denies is told to the agent, to the person and to the audit trail', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const agents = agentsPageOf(page)
  const input = { tool: 'everything.echo', message: 'x', secret: 'demo/token', rounds: 1, pauseMs: 0 }
  await ask(page, 'secrets.create', { name: 'demo/token', value: 'any value', description: '' })
  const { textHash } = await ask(page, 'policies.get', {})
  await ask(page, 'policies.save', { baseHash: textHash, text: NO_SECRETS })
  await agents.createFrom('Call a tool')
  await agents.run(input)
  await agents.waitForState('Failed', 120_000)
  await expect(agents.log()).toContainText('POLICY_001')
  await shell.goTo('Audit')
  const records = page.getByRole('grid', { name: 'Audit records' })
  await expect(records.getByText('secret.read')).toBeVisible()
  await expect(records.getByText('POLICY_001').first()).toBeVisible()

  // What the definition does not name is refused before any policy is asked.
  await agents.createFrom('Call a tool')
  await agents.run({ ...input, secret: 'prod/database' })
  await agents.waitForState('Failed', 120_000)
  await expect(agents.log()).toContainText('SEC_001')
})

test('a request that does not exist is refused with a code', async ({ page }) => {
  const reply = await page.evaluate(() =>
    (
      globalThis as unknown as { console_: { invoke(channel: string, input: unknown): Promise<unknown> } }
    ).console_.invoke('agents.obliterate', {}),
  )
  expect(reply).toMatchObject({ ok: false, error: { code: 'IPC_002' } })
  await shellOf(page).goTo('Agents')
})

test.describe('a configuration that is not valid', () => {
  test.use({ config: '[lifecycle]\nmax_agents = "many"\n' })
  test('names file, line and key; Doctor still helps', async ({ page }) => {
    await expect(page.getByText('CONFIG_001').first()).toBeVisible()
    await expect(page.getByText(/line 2/).first()).toBeVisible()
    await expect(page.getByText(/max_agents/).first()).toBeVisible()
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Doctor' }).click()
    await expect(page.getByText('Configuration', { exact: true })).toBeVisible()
  })
})

test('Docker that does not answer is said at the run, and Doctor names the fix', async ({ launch }) => {
  test.setTimeout(120_000)
  const { page } = await launch({ env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } })
  const shell = shellOf(page)
  const agents = agentsPageOf(page)
  await agents.createFrom('Hello')
  await agents.run({})
  await agents.waitForState('Failed', 60_000)
  await agents.tab('Runs')
  await expect(page.getByText('SANDBOX_001').first()).toBeVisible()
  await shell.goTo('Doctor')
  await expect(page.getByText('Docker engine', { exact: true })).toBeVisible()
  await expect(page.getByText(/Fail/).first()).toBeVisible()
  await shell.goTo('Agents')
})

test('a secret name that is not valid is said at the field; nothing is stored', async ({ page }) => {
  const shell = shellOf(page)
  const secrets = secretsPageOf(page)
  await shell.goTo('Secrets')
  await shell.button('New secret').first().click()
  await shell.dialog().getByLabel('Name', { exact: true }).fill('../etc/passwd')
  await shell.dialog().getByLabel('Value', { exact: true }).fill('value')
  await shell.dialog().getByRole('button', { name: 'Save secret' }).click()
  await expect(shell.dialog().getByText(/letters, digits, dots, dashes and slashes/)).toBeVisible()
  await page.keyboard.press('Escape')
  await secrets.create({ name: 'good/name', value: 'value' })
  await expect(page.getByText('good/name', { exact: true }).first()).toBeVisible()
})

test('a policy file that is not valid is refused with its line, and the rules in force stay', async ({ page }) => {
  const shell = shellOf(page)
  await shell.goTo('Policies')
  const editor = page.getByRole('textbox', { name: 'Policy' })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText('version: "1.0"\npolicies:\n  - nmae: "slip"\n')
  await shell.button('Save policy').click()
  await expect(page.getByText(/POLICY_002/).first()).toBeVisible()
  await expect(page.getByText(/[Ll]ine 3/).first()).toBeVisible()
  await shell.goTo('Overview')
})
