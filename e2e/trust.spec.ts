/**
 * A person between an agent and what it wants to do: real Electron, real Docker, a real tool server, keyboard only.
 */
import { resolve } from 'node:path'
import type { ElectronApplication, Page } from 'playwright/test'
import type { AgentDefinition, AuditRecord } from '../src-preload/contract'
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { agentsPageOf } from './pages/agents'
import { approvalsPageOf } from './pages/approvals'
import { policiesPageOf } from './pages/policies'
import { shellOf } from './pages/shell'

const HELD = `  - id: "a person looks at every echo"
    effect: RequireApproval
    priority: 500
    reason: "Every echo is looked at."
    match:
      resource_type: Tool
      resources: ["everything.echo"]
`

/** Says what came of its call instead of ending with it. */
const ASKER = `import { run, SymbiError } from 'symbi'
await run(async ({ input, log, tools }) => {
  try {
    const result = await tools.call('everything.echo', { message: input.message })
    await log.info('the tool answered', { result })
    return { outcome: 'done' }
  } catch (error) {
    if (!(error instanceof SymbiError)) throw error
    await log.info('the call was refused with outcome=' + error.outcome + ' code=' + error.code)
    return { outcome: error.outcome }
  }
})
`

const CALLER = { name: 'Careful caller', source: { language: 'javascript' as const, text: ASKER } }

/** A tool server with one approved tool, a policy that holds its calls, and an agent that calls it. */
const prepare = async (page: Page): Promise<{ agentId: string }> => {
  await ask(page, 'servers.add', {
    name: 'everything',
    command: resolve('node_modules/.bin/node'),
    args: [resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js')],
  })
  await expect.poll(async () => (await ask(page, 'servers.list', {}))[0]?.state, { timeout: 30_000 }).toBe('connected')
  const echo = (await ask(page, 'tools.list', {})).find(({ name }) => name === 'echo')
  if (echo === undefined) throw new Error('the server offers no echo')
  await ask(page, 'reviews.decide', {
    toolId: echo.id,
    digest: echo.digest,
    decision: 'approve',
    reason: 'It only repeats what it is given.',
  })
  const policy = await ask(page, 'policies.get', {})
  await ask(page, 'policies.save', {
    baseHash: policy.textHash,
    text: policy.text.replace('policies:\n', `policies:\n${HELD}`),
  })
  const templates = await ask(page, 'agents.templates', {})
  const template = templates.find(({ id }) => id === 'call-a-tool')
  if (template === undefined) throw new Error('there is no template to start from')
  const definition: AgentDefinition = { ...template.definition, ...CALLER }
  const agent = await ask(page, 'agents.create', { definition })
  return { agentId: agent.id }
}

interface Kept {
  readonly keptNotices: readonly Electron.Notification[]
}

/** Keep the system's notices instead of showing them, with the window out of focus so that there are some. */
const watchNotices = async (electron: ElectronApplication) => {
  await electron.evaluate(({ BrowserWindow, Notification }) => {
    const kept: Electron.Notification[] = []
    Object.assign(globalThis, { keptNotices: kept })
    Notification.isSupported = () => true
    Notification.prototype.show = function keep(this: Electron.Notification) {
      kept.push(this)
    }
    for (const window of BrowserWindow.getAllWindows()) window.isFocused = () => false
  })
  return {
    bodies: () => electron.evaluate(() => (globalThis as unknown as Kept).keptNotices.map(({ body }) => body)),
    click: () => electron.evaluate(() => (globalThis as unknown as Kept).keptNotices[0]?.emit('click')),
  }
}

const waitUntilHeld = (page: Page, count: number) =>
  expect
    .poll(async () => (await ask(page, 'approvals.list', { status: 'pending', limit: 10 })).total, { timeout: 120_000 })
    .toBe(count)

const ended = (page: Page, id: string) =>
  expect.poll(async () => (await ask(page, 'executions.get', { id })).endedAtMs, { timeout: 60_000 }).not.toBeNull()

const callsOf = async (page: Page, correlationId: string): Promise<readonly AuditRecord[]> =>
  (await ask(page, 'audit.list', { filter: { correlationId, action: 'tool.call' }, limit: 10 })).records

test('an agent is held, approved by keyboard, and does exactly what was shown', async ({ page, app }) => {
  test.setTimeout(240_000)
  const shell = shellOf(page)
  const agents = agentsPageOf(page)
  const approvals = approvalsPageOf(page)
  const { agentId } = await prepare(page)
  const notices = await watchNotices(app.electron)
  const run = await ask(page, 'agents.run', { id: agentId, input: { message: 'pay 5 \u202E00 euros' } })
  await waitUntilHeld(page, 1)
  expect((await ask(page, 'agents.get', { id: agentId })).state).toBe('Waiting')
  expect(await callsOf(page, run.correlationId)).toEqual([])
  await expect(page.getByRole('link', { name: '1 approval waiting' })).toBeVisible()

  // The system's notice names it; a click on it opens the request in the page that is there, and decides nothing.
  await expect.poll(() => notices.bodies()).toEqual(['Changes something: tool.call on everything.echo'])
  await page.evaluate(() => {
    document.title = 'the same page'
  })
  await notices.click()
  await expect(approvals.request()).toContainText('Careful caller')
  expect(await page.title()).toBe('the same page')
  await waitUntilHeld(page, 1)

  await shell.goTo('Overview')
  await approvals.open()
  await expect(approvals.pending()).toHaveCount(1)
  await approvals.next()
  const request = approvals.request()
  await expect(request).toContainText('Careful caller')
  await expect(request).toContainText('a person looks at every echo')
  await expect(request.getByRole('region', { name: 'Arguments' })).toContainText('⟨U+202E⟩')
  await expect(request.locator('[data-consequence="change"]').first()).toBeVisible()
  await expect(request).toContainText(/denied in \d:\d\d/)
  const digest = await approvals.digest()
  expect(digest).toMatch(/^[0-9a-f]{64}$/)

  // Enter opens the detail and never approves; another scope is said in words before it is confirmed.
  await page.keyboard.press('Enter')
  await expect(request).toBeFocused()
  await waitUntilHeld(page, 1)
  await page.keyboard.press('4')
  await expect(approvals.reach()).toContainText('15 minutes')
  await page.keyboard.press('1')
  await expect(approvals.reach()).toContainText('one time')
  await approvals.approve({ reason: 'Read it, it is fine.' })
  await waitUntilHeld(page, 0)
  await ended(page, run.id)
  expect((await ask(page, 'executions.get', { id: run.id })).output).toEqual({ outcome: 'done' })

  // What was done is what was shown: the record of the call carries the digest and the approval.
  const [call] = await callsOf(page, run.correlationId)
  expect(call?.outcome).toBe('success')
  expect(call?.details).toMatchObject({ digest, rule: 'a person looks at every echo' })

  await approvals.tab('History')
  await approvals.decided().first().click()
  await expect(request).toContainText('Read it, it is fine.')
  await expect(request.getByRole('region', { name: 'Decision' })).toContainText('Success')
  await request.getByRole('link', { name: /^[0-9a-f]{8}…/ }).click()
  await expect(page.getByRole('region', { name: 'Story' })).toContainText('by operator: Read it, it is fine.')
  await expect(page.getByRole('region', { name: 'Story' })).toContainText('tool.call')
  await shell.goTo('Agents')
  await agents.open('Careful caller')
  await agents.waitForState('Completed')
})

test.describe('with little time', () => {
  test.use({ config: '[approvals]\ntimeout = "4s"\n' })
  test('nobody decides: the act is denied and the agent gets timeout', async ({ page }) => {
    test.setTimeout(240_000)
    const agents = agentsPageOf(page)
    const shell = shellOf(page)
    const approvals = approvalsPageOf(page)
    const { agentId } = await prepare(page)
    const run = await ask(page, 'agents.run', { id: agentId, input: { message: 'hello' } })
    await waitUntilHeld(page, 1)
    await ended(page, run.id)
    expect((await ask(page, 'executions.get', { id: run.id })).output).toEqual({ outcome: 'timeout' })
    await shell.goTo('Agents')
    await agents.open('Careful caller')
    await expect(agents.log()).toContainText('outcome=timeout code=APPROVAL_002')
    await approvals.open()
    await approvals.tab('History')
    await expect(approvals.decided().first()).toContainText('Timed out')
    const [call] = await callsOf(page, run.correlationId)
    expect(call).toMatchObject({ outcome: 'denied', code: 'APPROVAL_002' })
  })
})

test('a power cut between question and answer loses nothing, and nothing is done twice', async ({ launch }) => {
  test.setTimeout(300_000)
  const first = await launch()
  const { agentId } = await prepare(first.page)
  // One is approved for a time before the cut, so that a grant has to outlive it.
  const granted = await ask(first.page, 'agents.run', { id: agentId, input: { message: 'before' } })
  await waitUntilHeld(first.page, 1)
  const before = approvalsPageOf(first.page)
  await before.open()
  await before.next()
  await before.approve({ scopeKey: '3' })
  await ended(first.page, granted.id)
  const held = await ask(first.page, 'agents.run', { id: agentId, input: { message: 'held at the cut' } })
  await waitUntilHeld(first.page, 1)
  await first.kill()

  const { page } = await launch()
  const approvals = approvalsPageOf(page)
  await waitUntilHeld(page, 0)
  await approvals.open()
  await approvals.tab('History')
  await expect(approvals.decided()).toHaveCount(2)
  await expect(approvals.decided().nth(0)).toContainText('Called off')
  await expect(approvals.decided().nth(1)).toContainText('Approved')
  await approvals.tab('Standing grants')
  await expect(page.getByRole('grid', { name: 'Standing grants' })).toContainText('everything.echo')
  expect((await callsOf(page, held.correlationId)).filter(({ outcome }) => outcome === 'success')).toEqual([])
  expect((await callsOf(page, granted.correlationId)).filter(({ outcome }) => outcome === 'success')).toHaveLength(1)
  expect((await ask(page, 'audit.verify', {})).ok).toBe(true)

  // The grant answers for the same arguments, is counted, and no longer does once it is revoked.
  const again = await ask(page, 'agents.run', { id: agentId, input: { message: 'before' } })
  await ended(page, again.id)
  expect((await ask(page, 'executions.get', { id: again.id })).output).toEqual({ outcome: 'done' })
  await page.getByRole('button', { name: /^Revoke tool.call/ }).click()
  await expect(page.getByText('No grant stands')).toBeVisible()
  await ask(page, 'agents.run', { id: agentId, input: { message: 'before' } })
  await waitUntilHeld(page, 1)
})

test('a policy is checked while it is typed, says what it would change, and can be taken back', async ({ page }) => {
  test.setTimeout(240_000)
  const shell = shellOf(page)
  const policies = policiesPageOf(page)
  const { agentId } = await prepare(page)
  const run = await ask(page, 'agents.run', { id: agentId, input: { message: 'hello' } })
  await waitUntilHeld(page, 1)
  const [waiting] = (await ask(page, 'approvals.list', { status: 'pending', limit: 1 })).approvals
  if (waiting === undefined) throw new Error('nothing waits')
  await ask(page, 'approvals.decide', { decision: 'approve', id: waiting.id, digest: waiting.digest })
  await ended(page, run.id)

  await shell.goTo('Policies')
  const { text } = await ask(page, 'policies.get', {})
  await policies.write(`${text}\n  - nmae: slip\n`)
  await expect(policies.problems().first()).toContainText('nmae')
  await policies.write(text.replace('effect: RequireApproval', 'effect: Deny'))
  await expect(policies.problems().filter({ hasText: 'nmae' })).toHaveCount(0)
  await policies.save()
  await expect(shell.dialog()).toContainText(/would change/)
  await expect(shell.dialog().locator('[data-direction="stricter"]')).toContainText('everything.echo')
  await shell.dialog().getByRole('button', { name: 'Save policy' }).click()
  await expect(shell.dialog()).toBeHidden()

  await policies.tab('Simulator')
  await shell.field('Agent').fill('Careful caller')
  await shell.field('Resource').fill('everything.echo')
  await shell.button('Simulate').click()
  await expect(page.locator('[data-effect="Deny"]')).toContainText('a person looks at every echo')

  await policies.tab('History')
  await policies.versions().nth(1).click()
  await expect(page.locator('.cm-merge-a')).toBeVisible()
  await shell.button('Roll back to it').click()
  await expect.poll(async () => (await ask(page, 'policies.get', {})).text).toContain('effect: RequireApproval')
})

test.describe('with checkpoints at short intervals', () => {
  test.use({ config: '[audit]\ncheckpoint_interval = "1s"\n' })
  test('a record is proven in the page, the trail is verified with its progress, and exported', async ({ page }) => {
    const shell = shellOf(page)
    await ask(page, 'secrets.create', { name: 'app/key', value: 'value', description: '' })
    await expect
      .poll(async () => (await ask(page, 'audit.status', {})).checkpoint?.size ?? 0, { timeout: 30_000 })
      .toBeGreaterThan(0)
    await shell.goTo('Audit')
    await expect(page.getByRole('region', { name: 'State', exact: true })).toContainText('signed to')
    await page.getByRole('grid', { name: 'Audit records' }).getByText('secret.create').first().click()
    await shell.button('Prove').click()
    await expect(page.locator('[data-proof="true"]')).toContainText('is part of the trail')
    await shell.button('Verify').click()
    await expect(page.locator('[data-verified="true"]')).toContainText('rows checked')
    await shell.button('Export').click()
    await expect(page.getByText(/are exported/)).toBeVisible()
    // What is written while one looks appears by itself.
    await ask(page, 'secrets.create', { name: 'app/later', value: 'value', description: '' })
    await expect(page.getByRole('grid', { name: 'Audit records' })).toContainText('app/later')
    await shell.field('Action').fill('secret.')
    await shell.field('Outcome').selectOption('Success')
    await expect(page.getByRole('grid', { name: 'Audit records' })).not.toContainText('audit.export')
    await expect(page.getByRole('grid', { name: 'Audit records' })).toContainText('app/later')
  })
})
