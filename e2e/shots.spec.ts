/** Pictures of every page, in both themes and both sizes, with data that a first afternoon would leave. @shots */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AgentDefinition } from '../src-preload/contract'
import { type ConsoleApp, expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { messagesPageOf } from './pages/messages'
import { PAGES, shellOf } from './pages/shell'

const DIR = resolve(process.env['SYMBI_SHOTS_DIR'] ?? 'docs/screenshots')
const SIZES = [
  { name: '1440x900', width: 1440, height: 900 },
  { name: '1024x700', width: 1024, height: 700 },
] as const
const WATCHER = `import { run } from 'symbi'
run(async ({ log, memory }) => {
  for (let round = 1; round <= 600; round += 1) {
    const until = Date.now() + 40 + (round % 7) * 25
    while (Date.now() < until) Math.sqrt(round)
    await log.info('checked the queue', { round, waiting: round % 5 })
    if (round % 20 === 0) await memory.put('last-round', round)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
})
`

const seed = async ({ page }: ConsoleApp): Promise<void> => {
  const templates = await ask(page, 'agents.templates', {})
  const definition = (id: string, change: Partial<AgentDefinition> = {}): AgentDefinition => {
    const template = templates.find((candidate) => candidate.id === id)
    if (template === undefined) throw new Error(`no template ${id}`)
    return { ...template.definition, ...change }
  }
  const ended = (id: string) =>
    expect.poll(async () => (await ask(page, 'executions.get', { id })).endedAtMs, { timeout: 60_000 }).not.toBeNull()

  await ask(page, 'servers.add', {
    name: 'everything',
    command: 'mcp-server-everything',
    args: ['stdio'],
  })
  await expect.poll(async () => (await ask(page, 'servers.list', {}))[0]?.state, { timeout: 30_000 }).toBe('connected')
  await ask(page, 'secrets.create', { name: 'demo/token', value: 'only-for-the-tour', description: 'For the tour' })
  await ask(page, 'secrets.create', { name: 'app/api-key', value: 'another-value', description: 'Billing service' })
  await ask(page, 'secrets.create', { name: 'prod/database', value: 'a-third-value', description: 'Read replica' })

  const refused = await ask(page, 'agents.create', { definition: definition('call-a-tool', { name: 'Echo service' }) })
  const first = await ask(page, 'agents.run', {
    id: refused.id,
    input: { tool: 'everything.echo', message: 'ready', secret: 'demo/token', rounds: 2, pauseMs: 100 },
  })
  await ended(first.id)
  const tools = await ask(page, 'tools.list', {})
  for (const [name, decision, reason] of [
    ['echo', 'approve', 'Only repeats what it is given.'],
    ['get-sum', 'approve', 'Adds two numbers.'],
    ['get-env', 'reject', 'Shows the environment of the server.'],
  ] as const) {
    const tool = tools.find((candidate) => candidate.name === name)
    if (tool !== undefined)
      await ask(page, 'reviews.decide', { toolId: tool.id, digest: tool.digest, decision, reason })
  }
  for (const [id, name] of [
    ['summarize-files', 'Summarize the weekly notes'],
    ['hello', 'Greeter'],
  ] as const) {
    const agent = await ask(page, 'agents.create', { definition: definition(id, { name }) })
    const run = await ask(page, 'agents.run', { id: agent.id })
    await ended(run.id)
  }
  await ask(page, 'agents.create', { definition: definition('hello', { name: 'Draft for next week' }) })
  const watcher = await ask(page, 'agents.create', {
    definition: definition('hello', {
      name: 'Queue watcher',
      description: 'Looks at the queue and remembers where it was.',
      priority: 'high',
      source: { language: 'javascript', text: WATCHER },
    }),
  })
  await ask(page, 'agents.run', { id: watcher.id })
  await expect
    .poll(async () => (await ask(page, 'agents.get', { id: watcher.id })).state, { timeout: 60_000 })
    .toBe('Running')
}

const DESK = `import { run } from 'symbi'
run(async ({ tools }) => {
  await tools.call('bus.subscribe', { topic: 'orders/new' })
  for (let left = 10; left > 0; ) {
    const { messages } = await tools.call('bus.receive', { max: 8, waitMs: 20000 })
    for (const { id, type, payload } of messages) {
      if (type === 'request') await tools.call('bus.reply', { requestId: id, payload: { accepted: payload.order } })
      await tools.call('bus.ack', { ids: [id] })
      left -= 1
    }
    if (messages.length === 0) break
  }
})
`
const SHOP = `import { run } from 'symbi'
run(async ({ tools }) => {
  for (let order = 4711; order < 4719; order += 1) {
    await tools.call('bus.request', { to: 'Order desk', payload: { order, lines: [{ sku: 'A-1', count: order % 4 }] } })
    if (order % 4 === 0) await tools.call('bus.publish', { topic: 'orders/new', payload: { order } })
  }
})
`

/** Two agents that talked, one message that waits and one that nobody read in time. */
const seedMessages = async ({ page }: ConsoleApp): Promise<void> => {
  const hello = (await ask(page, 'agents.templates', {})).find(({ id }) => id === 'hello')
  if (hello === undefined) throw new Error('no template hello')
  const agent = async (name: string, text: string) => {
    const definition: AgentDefinition = {
      ...hello.definition,
      name,
      source: { language: 'javascript', text },
      capabilities: ['messages'],
      messages: ['agent/**', 'topic/**'],
    }
    return ask(page, 'agents.create', { definition })
  }
  const desk = await agent('Order desk', DESK)
  const shop = await agent('Shop', SHOP)
  await ask(page, 'agents.run', { id: desk.id })
  const run = await ask(page, 'agents.run', { id: shop.id })
  await expect
    .poll(async () => (await ask(page, 'executions.get', { id: run.id })).endedAtMs, { timeout: 60_000 })
    .not.toBeNull()
  const to = { kind: 'agent', id: shop.id } as const
  await ask(page, 'messages.send', { to, payload: { note: 'The price list changed.' }, ttlMs: 1_000 })
  await ask(page, 'messages.send', { to, payload: { note: 'Please close the month.' } })
  await expect
    .poll(async () => (await ask(page, 'deadLetters.list', { limit: 1 })).total, { timeout: 30_000 })
    .toBeGreaterThan(0)
}

test('pictures of every page @shots', async ({ app }) => {
  test.setTimeout(300_000)
  const { page } = app
  const shell = shellOf(page)
  await mkdir(DIR, { recursive: true })
  await seed(app)
  await seedMessages(app)
  // The charts need something to draw.
  await shell.goTo('Agents')
  await page.getByRole('grid', { name: 'Agents' }).getByText('Queue watcher').first().click()
  await page.getByRole('tab', { name: 'Charts' }).click()
  const cpu = page.getByRole('figure', { name: 'CPU' })
  await expect.poll(async () => Number(await cpu.getAttribute('data-points')), { timeout: 60_000 }).toBeGreaterThan(12)

  for (const theme of ['light', 'dark'] as const) {
    await ask(page, 'settings.set', { theme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    for (const size of SIZES) {
      await app.electron.evaluate(({ BrowserWindow }, { width, height }) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(width, height)
      }, size)
      const shoot = async (name: string): Promise<void> => {
        await page.evaluate(() => document.fonts.ready.then(() => undefined))
        await page.screenshot({ path: join(DIR, `${name}-${theme}-${size.name}.png`), animations: 'disabled' })
      }
      for (const name of PAGES) {
        await shell.goTo(name)
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
        if (name === 'Policies') await expect(page.locator('.cm-content')).toBeVisible()
        if (name === 'Doctor') await expect(page.getByText('Docker engine', { exact: true })).toBeVisible()
        await shoot(name.toLowerCase())
      }
      await shell.goTo('Agents')
      await page.getByRole('grid', { name: 'Agents' }).getByText('Queue watcher').first().click()
      for (const tab of ['Log', 'Charts', 'Runs', 'Timeline', 'Definition']) {
        await page.getByRole('tab', { name: tab }).click()
        if (tab === 'Definition') await expect(page.locator('.cm-content')).toBeVisible()
        if (tab === 'Charts')
          await expect(page.getByRole('figure', { name: 'CPU' })).toHaveAttribute('data-points', /^[1-9]\d+$/)
        if (tab === 'Log') await expect(page.getByRole('log', { name: 'Run log' })).toContainText('checked the queue')
        await shoot(`agent-${tab.toLowerCase()}`)
      }
      await shell.goTo('Agents')
      await shell.button('New agent').first().click()
      await expect(page.locator('.cm-content')).toBeVisible()
      await shoot('agent-new')
      await shell.goTo('Messages')
      await messagesPageOf(page).filter('from:Shop type:request')
      await expect(messagesPageOf(page).rows()).toHaveCount(8)
      await page.keyboard.press('j')
      await expect(page.locator('[data-signature="valid"]')).toBeVisible()
      await shoot('message')
      await page.keyboard.press('f')
      await expect(page.getByRole('region', { name: 'Conversation' })).toContainText('answered in')
      await shoot('message-conversation')
      await page.keyboard.press('2')
      await expect(page.getByRole('grid', { name: 'Dead letters' })).toBeVisible()
      await shoot('dead-letters')
      await page.keyboard.press('3')
      await expect(page.getByRole('grid', { name: 'Identities' })).toContainText('Order desk')
      await shoot('identities')
      await shell.goTo('Reviews')
      await page.getByRole('grid', { name: 'Pending tools' }).getByText('everything.get-tiny-image').click()
      await shoot('review')
      await shell.goTo('Audit')
      await page.getByRole('grid', { name: 'Audit records' }).getByRole('row').nth(2).click()
      await shell.button('Verify').click()
      await expect(page.getByText(/verifies/i).first()).toBeVisible()
      await shoot('audit-verified')
      await page.keyboard.press('ControlOrMeta+k')
      await expect(page.getByRole('dialog')).toBeVisible()
      await shoot('palette')
      await page.keyboard.press('Escape')
    }
  }
})
