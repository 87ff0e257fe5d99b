/** Runs by the calendar, made, watched, paused and looked at through the window. */
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { findings } from './fixtures/axe'
import { schedulesPageOf } from './pages/schedules'
import { shellOf } from './pages/shell'

test.use({ config: '[sandbox]\nallow_tier0 = true\n' })

test('a schedule of every second runs its agent, keeps a history, and stands still when paused', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const schedules = schedulesPageOf(page)
  const templates = await ask(page, 'agents.templates', {})
  const hello = templates.find(({ id }) => id === 'hello')
  if (hello === undefined) throw new Error('there is no template to start from')
  const program = (body: string) => ({
    language: 'javascript' as const,
    text: `import { run } from 'symbi'\nrun(async ({ input }) => { ${body} })`,
  })
  await ask(page, 'agents.create', {
    definition: {
      ...hello.definition,
      name: 'Greeter',
      securityTier: 'tier0',
      source: program('return { done: true }'),
    },
  })

  await schedules.create({ name: 'every second', agent: 'Greeter', pattern: '* * * * * *', zone: 'Europe/Berlin' })
  await expect(schedules.status()).toHaveAttribute('data-status', 'active')
  await expect(page.getByTestId('schedule-words')).toHaveText('Every second (Europe/Berlin).')

  // It succeeded because the agent did: its attempt leads to a run that succeeded.
  await schedules.tab('History')
  await expect(schedules.history().filter({ hasText: 'Succeeded' }).first()).toBeVisible({ timeout: 30_000 })
  await page.getByLabel('Result').selectOption('succeeded')
  await shell.button('Pause').click()
  await expect(schedules.status()).toHaveAttribute('data-status', 'paused')
  const [made] = await ask(page, 'schedules.list', {})
  if (made === undefined) throw new Error('the schedule is gone')
  expect(made).toMatchObject({ status: 'paused', nextAtMs: null })
  await expect.poll(async () => (await ask(page, 'schedules.get', { id: made.id })).running).toBe(0)
  const counts = (await ask(page, 'schedules.get', { id: made.id })).runs

  await page.getByRole('region', { name: 'Attempts' }).getByRole('link', { name: 'Open the run of attempt 1' }).click()
  await expect(page.getByRole('grid', { name: 'Runs' }).getByText('Succeeded').first()).toBeVisible()
  await expect(page.getByText('by a schedule').first()).toBeVisible()
  await page.goBack()

  // Paused, nothing came of the seconds that went by meanwhile.
  expect((await ask(page, 'schedules.get', { id: made.id })).runs).toEqual(counts)

  // The calendar tells how many times each day has, here 24 hours of seconds, and is walked with the keyboard.
  await schedules.tab('Times')
  const today = schedules.day(/86,400 times$/).first()
  await expect(today).toBeVisible()
  await expect(schedules.nextTimes().first()).toContainText(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\+0[12]:00/)
  const heading = page.getByRole('region', { name: 'Calendar' }).getByRole('heading')
  const month = (await heading.textContent()) ?? ''
  await page.getByRole('region', { name: 'Calendar' }).getByRole('button', { pressed: true }).focus()
  await page.keyboard.press('PageDown')
  await expect(heading).not.toHaveText(month)

  await shell.button('Remove').click()
  await shell.dialog().getByRole('button', { name: 'Remove schedule' }).click()
  await expect(page.getByText('No schedules yet')).toBeVisible()
  expect(await ask(page, 'schedules.list', {})).toEqual([])
})

test('a dead letter says why and is revived; a new schedule shows what is wrong with its pattern', async ({ page }) => {
  test.setTimeout(120_000)
  const shell = shellOf(page)
  const schedules = schedulesPageOf(page)
  const templates = await ask(page, 'agents.templates', {})
  const hello = templates.find(({ id }) => id === 'hello')
  if (hello === undefined) throw new Error('there is no template to start from')
  const agent = await ask(page, 'agents.create', {
    definition: {
      ...hello.definition,
      name: 'Unlucky',
      securityTier: 'tier0',
      source: { language: 'javascript', text: `throw new Error('not today')` },
    },
  })
  const rules = {
    input: null,
    priority: null,
    jitterMs: 0,
    catchUp: 'none',
    maxConcurrent: 1,
    maxRetries: 0,
    retryDelayMs: 1000,
    deadLetterAfter: 1,
    keepRuns: 100,
  } as const
  const made = await ask(page, 'schedules.create', {
    definition: {
      ...rules,
      name: 'unlucky',
      agentId: agent.id,
      when: { kind: 'cron', pattern: '* * * * * *', zone: 'UTC' },
    },
  })
  for (const [name, pattern] of [
    ['weekly report', '0 9 * * MON'],
    ['queue check', '*/15 * * * *'],
    ['last of the month', '0 6 L * *'],
  ] as const)
    await ask(page, 'schedules.create', {
      definition: { ...rules, name, agentId: agent.id, when: { kind: 'cron', pattern, zone: 'Europe/Berlin' } },
    })
  await expect
    .poll(async () => (await ask(page, 'schedules.get', { id: made.id })).status, { timeout: 30_000 })
    .toBe('dead-letter')

  const readsWell = async (what: string): Promise<void> => {
    for (const theme of ['light', 'dark'] as const) {
      await page.evaluate((value) => document.documentElement.setAttribute('data-theme', value), theme)
      expect(await findings(page), `${what}, ${theme}`).toEqual([])
    }
  }

  await shell.goTo('Schedules')
  await expect(page.getByRole('grid', { name: 'Schedules' }).getByRole('row')).not.toHaveCount(0)
  await readsWell('list')
  await page.getByRole('grid', { name: 'Schedules' }).getByText('unlucky', { exact: true }).click()
  const banner = page.getByRole('alert').filter({ hasText: 'dead letter' })
  await expect(banner).toBeVisible()
  await readsWell('dead-letter')
  await schedules.tab('History')
  await expect(schedules.history().filter({ hasText: 'Failed' }).first()).toBeVisible()
  await readsWell('history')
  await schedules.tab('Definition')
  await readsWell('definition')
  await banner.getByRole('button', { name: 'Revive' }).click()
  await expect.poll(async () => (await ask(page, 'schedules.get', { id: made.id })).runs.failed).toBeGreaterThan(1)

  await page.getByRole('grid', { name: 'Schedules' }).getByText('weekly report', { exact: true }).click()
  await schedules.tab('Times')
  await expect(schedules.day(/1 time$/).first()).toBeVisible()
  await schedules
    .day(/1 time$/)
    .first()
    .click()
  await expect(page.getByRole('region', { name: 'Times of the day' }).getByRole('listitem')).toHaveCount(1)
  await readsWell('times')

  await page.keyboard.press('Escape')
  await shell.button('New schedule').click()
  await shell.dialog().getByLabel('Pattern', { exact: true }).fill('61 9 * * *')
  await expect(shell.dialog().getByText(/minute: 61/)).toBeVisible()
  await expect(shell.dialog().getByRole('button', { name: 'Create schedule' })).toBeDisabled()
  await readsWell('form-wrong')
  await shell.dialog().getByLabel('Pattern', { exact: true }).fill('30 2 * * *')
  await expect(shell.dialog().getByText('At 02:30 every day')).toBeVisible()
  await readsWell('form')
})
