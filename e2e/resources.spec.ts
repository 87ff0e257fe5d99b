/** What a run was granted and what it uses are on the Resources page while it runs, and gone afterwards. */
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { findings } from './fixtures/axe'
import { shellOf } from './pages/shell'

const BUSY = `import { run } from 'symbi'
run(async ({ log }) => {
  await log.info('at work')
  const untilMs = Date.now() + 600_000
  while (Date.now() < untilMs) {
    const pauseMs = Date.now() + 30
    while (Date.now() < pauseMs) ;
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
})
`

test('the grant and the use of a run appear and vanish', async ({ page }) => {
  test.setTimeout(180_000)
  const shell = shellOf(page)
  const [hello] = await ask(page, 'agents.templates', {})
  if (hello === undefined) throw new Error('there is no template')
  const agent = await ask(page, 'agents.create', {
    definition: {
      ...hello.definition,
      name: 'Busy one',
      source: { language: 'javascript', text: BUSY },
      limits: { ...hello.definition.limits, memoryMb: 96, cpuCores: 0.5 },
    },
  })

  await shell.goTo('Resources')
  await expect(page.getByText('No run holds resources right now.')).toBeVisible()
  const totals = page.getByRole('region', { name: 'Totals' })
  await expect(totals.getByRole('meter')).toHaveCount(4)
  await expect(totals.getByText('0 B of')).toBeVisible()

  await ask(page, 'agents.run', { id: agent.id })
  const grid = page.getByRole('grid', { name: 'Runs with a grant' })
  const row = grid.getByRole('row').filter({ hasText: 'Busy one' })
  await expect(row).toContainText('of 96 MiB', { timeout: 120_000 })
  await expect(row).toContainText('of 0.5 cores')
  await expect(row).toContainText('Within its grant', { timeout: 30_000 })
  await expect(row).toContainText('held by the kernel')
  await expect(totals.getByText('96 MiB of')).toBeVisible()
  await expect(totals.getByRole('meter', { name: 'Memory granted' })).toHaveAttribute(
    'aria-valuetext',
    /96 MiB granted of .* used \d/,
  )

  expect(await findings(page), 'with a run').toEqual([])

  // The history of this one run grows while one looks, without anything being pressed.
  await row.click()
  await expect(page.getByRole('heading', { name: 'Used over time, Busy one' })).toBeVisible()
  const memory = page.getByRole('figure', { name: 'Memory' })
  await expect(async () => {
    expect(Number(await memory.getAttribute('data-points'))).toBeGreaterThanOrEqual(4)
  }).toPass({ timeout: 30_000 })
  await page.keyboard.press('w')
  await expect(page.getByRole('radio', { name: '1 h' })).toBeChecked()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { name: 'Used over time, all agents' })).toBeVisible()

  await ask(page, 'agents.stop', { id: agent.id, reason: 'enough was seen' })
  await expect(row).toHaveCount(0, { timeout: 60_000 })
  await expect(totals.getByText('0 B of')).toBeVisible()

  await page.getByRole('tab', { name: 'Violations' }).click()
  await expect(page.getByText('No run went beyond its grant')).toBeVisible()
  expect(await findings(page), 'violations').toEqual([])
  await page.getByRole('tab', { name: 'Breakers' }).click()
  await expect(page.getByRole('grid', { name: 'Breakers' }).or(page.getByText('Nothing has failed yet'))).toBeVisible()
  await page.getByRole('tab', { name: 'Back-ends and queue' }).click()
  await expect(page.getByRole('region', { name: 'Back-ends' })).toContainText('docker:local')
})
