/** What agents write to each other, as a person sees it: real Electron, real Docker, sealed messages on a real disk. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import type { AgentDefinition } from '../src-preload/contract'
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { findings } from './fixtures/axe'
import { messagesPageOf } from './pages/messages'
import { shellOf } from './pages/shell'

/** Put together where it is sent, so that it stands in no program and no input. */
const CANARY_PARTS = ['canary', 'e19c', 'never', 'in', 'the', 'open']
const CANARY = CANARY_PARTS.join('-')

const ASKS = `import { run } from 'symbi'
await run(async ({ tools, log }) => {
  const note = ${JSON.stringify(CANARY_PARTS)}.join('-')
  const answer = await tools.call('bus.request', { to: 'Order desk', payload: { order: 4711, note }, timeoutMs: 60000 })
  await log.info('answered', { accepted: answer.payload.accepted })
  return { accepted: answer.payload.accepted }
})
`
const ANSWERS = `import { run } from 'symbi'
await run(async ({ tools }) => {
  const { messages } = await tools.call('bus.receive', { max: 1, waitMs: 60000 })
  const [request] = messages
  await tools.call('bus.reply', { requestId: request.id, payload: { accepted: request.payload.order } })
  await tools.call('bus.ack', { ids: [request.id] })
  return {}
})
`

const agentNamed = async (page: Page, name: string, text: string): Promise<string> => {
  const template = (await ask(page, 'agents.templates', {})).find(({ id }) => id === 'hello')
  if (template === undefined) throw new Error('the template hello is gone')
  const definition: AgentDefinition = {
    ...template.definition,
    name,
    source: { language: 'javascript', text },
    capabilities: ['messages'],
    messages: ['agent/**', 'topic/**'],
  }
  return (await ask(page, 'agents.create', { definition })).id
}

const ended = (page: Page, id: string) =>
  expect.poll(async () => (await ask(page, 'executions.get', { id })).state, { timeout: 120_000 }).toBe('succeeded')

/** Every byte that the product keeps, as text. */
const everythingKept = async (dir: string): Promise<string> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return (await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))).join('\n')
}

test('two agents talk; the inside of a message is seen only for a reason, and only for a while', async ({
  page,
  dataDir,
}) => {
  test.setTimeout(240_000)
  const messages = messagesPageOf(page)
  const desk = await agentNamed(page, 'Order desk', ANSWERS)
  const shop = await agentNamed(page, 'Shop', ASKS)
  const answering = await ask(page, 'agents.run', { id: desk, input: {} })
  const asking = await ask(page, 'agents.run', { id: shop, input: {} })
  await ended(page, asking.id)
  await ended(page, answering.id)
  expect((await ask(page, 'executions.get', { id: asking.id })).output).toEqual({ accepted: 4711 })

  await messages.open()
  await expect(messages.rows()).toHaveCount(2)
  await messages.filter('from:Shop type:request')
  await expect(messages.rows()).toHaveCount(1)
  await page.keyboard.press('j')
  const detail = messages.detail()
  await expect(detail).toContainText('Order desk')
  await expect(detail.locator('[data-signature="valid"]')).toBeVisible()
  await expect(detail).toContainText('AES-256-GCM')
  await expect(messages.payload()).toContainText('Sealed')
  expect(await page.content()).not.toContain(CANARY)

  // The whole conversation, the answer beside its question.
  await page.keyboard.press('f')
  await expect(messages.conversation().getByRole('listitem')).toHaveCount(2)
  await expect(messages.conversation()).toContainText('answered in')
  await page.keyboard.press('f')

  // Nothing without a reason; then what it says, and no longer than it is wanted.
  await page.keyboard.press('r')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Say why in at least three characters.')).toBeVisible()
  await page.keyboard.press('Escape')
  await messages.reveal('The order never arrived')
  await expect(page.getByRole('region', { name: 'Opened payload' })).toContainText(CANARY)
  expect(await findings(page), 'a revealed payload').toEqual([])
  await page.keyboard.press('h')
  expect(await page.content()).not.toContain(CANARY)

  // Going elsewhere seals it too, and coming back shows it sealed.
  await messages.reveal('Once more, to copy the order')
  await expect(page.getByRole('region', { name: 'Opened payload' })).toBeVisible()
  await shellOf(page).goTo('Audit')
  expect(await page.content()).not.toContain(CANARY)
  await page.goBack()
  await expect(messages.payload()).toContainText('Sealed')
  expect(await page.content()).not.toContain(CANARY)

  const { records } = await ask(page, 'audit.list', { filter: { action: 'message.reveal' }, limit: 10 })
  expect(records.map(({ outcome, details }) => [outcome, details['reason']])).toEqual([
    ['success', 'Once more, to copy the order'],
    ['success', 'The order never arrived'],
  ])
  expect(await everythingKept(dataDir)).not.toContain(CANARY)
})

test('what nobody read in time is a dead letter: sent again, or purged for a reason', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const messages = messagesPageOf(page)
  const reader = await agentNamed(page, 'Slow reader', ANSWERS)
  const to = { kind: 'agent', id: reader } as const
  for (const order of [1, 2, 3]) await ask(page, 'messages.send', { to, payload: { order }, ttlMs: 1_000 })
  await messages.open()
  await messages.tab('Dead letters')
  await expect(messages.deadLetters()).toHaveCount(3, { timeout: 30_000 })
  await expect(messages.deadLetters().first()).toContainText('Expired')
  expect(await findings(page), 'dead letters').toEqual([])

  await page.keyboard.press('j')
  await expect(page.getByRole('complementary', { name: 'Dead letter' })).toContainText('not read within its time')
  await page.keyboard.press('x')
  await page.keyboard.press('r')
  await expect(messages.deadLetters()).toHaveCount(2)
  const waiting = await ask(page, 'messages.list', { filter: { states: ['queued'] }, limit: 10 })
  expect(waiting.items).toHaveLength(1)

  await page.getByRole('checkbox', { name: 'Choose all that are loaded' }).click()
  await shell.button('Purge').click()
  await shell.dialog().getByRole('button', { name: 'Purge' }).click()
  await expect(shell.dialog()).toContainText('Say why')
  await shell.dialog().getByLabel('Reason', { exact: true }).fill('Ordered by telephone instead')
  await page.keyboard.press('Enter')
  await expect(page.getByText('No dead letters')).toBeVisible()
  const { records } = await ask(page, 'audit.list', { filter: { action: 'deadletter.' }, limit: 20 })
  const acts = records.filter(({ actor }) => actor.kind === 'operator').map(({ action }) => action)
  expect(acts).toContain('deadletter.replay')
  expect(records.find(({ action }) => action === 'deadletter.purge')?.details).toMatchObject({
    reason: 'Ordered by telephone instead',
  })
})

test('a person writes, filters by words, and is told which word is wrong', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const messages = messagesPageOf(page)
  await agentNamed(page, 'Ledger', ANSWERS)
  const other = await agentNamed(page, 'Mail bot', ANSWERS)
  await messages.open()
  await expect(page.getByText('No messages yet')).toBeVisible()

  // What is sent appears by itself, from the dialog and from elsewhere.
  await page.keyboard.press('n')
  await shell.dialog().getByLabel('Agent', { exact: true }).fill('Nobody')
  await shell.dialog().getByRole('radio', { name: 'Text' }).click()
  await shell.dialog().getByRole('textbox', { name: 'Payload' }).fill('the month is closed')
  await shell.dialog().getByRole('button', { name: 'Send message' }).click()
  await expect(shell.dialog()).toContainText('no agent of this name')
  await shell.dialog().getByLabel('Agent', { exact: true }).fill('ledger')
  await shell.dialog().getByRole('button', { name: 'Send message' }).click()
  await expect(shell.dialog()).toHaveCount(0)
  await expect(messages.rows()).toHaveCount(1)
  for (let order = 0; order < 5; order += 1)
    await ask(page, 'messages.send', { to: { kind: 'agent', id: other }, payload: { order } })
  await expect(messages.rows()).toHaveCount(6)

  await messages.filter('to:"Mail bot"')
  await expect(messages.rows()).toHaveCount(5)
  // A wrong word changes nothing; it is named, and what was meant is written at a press.
  await messages.filter('sicne:1h to:Ledger')
  await expect(page.getByText(/There is no term “sicne”/)).toBeVisible()
  await expect(messages.rows()).toHaveCount(5)
  expect(await findings(page), 'a wrong word').toEqual([])
  await page.getByRole('button', { name: /since:1h/ }).click()
  await expect(messages.rows()).toHaveCount(1)
  await messages.filter('state:dead')
  await expect(page.getByText('No message matches')).toBeVisible()
  await page.getByRole('button', { name: 'Show all messages' }).click()
  await expect(messages.rows()).toHaveCount(6)

  await messages.tab('Topics and identities')
  const identities = page.getByRole('grid', { name: 'Identities' })
  await expect(identities).toContainText('Mail bot')
  await page.getByRole('button', { name: 'Rotate the keys of Mail bot' }).click()
  await shell.dialog().getByLabel('Reason', { exact: true }).fill('A routine change')
  await page.keyboard.press('Enter')
  await expect(shell.dialog()).toHaveCount(0)
  await expect(identities.getByRole('row').filter({ hasText: 'Mail bot' })).toContainText('2')
  // What was sealed before still opens.
  await messages.tab('Messages')
  await messages.rows().first().click()
  await messages.reveal('Checking that old keys still open')
  await expect(page.getByRole('region', { name: 'Opened payload' })).toContainText('order')
})
