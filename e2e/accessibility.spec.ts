/** Every page works by keyboard and reads well: axe finds nothing, the shortcuts lead everywhere. */
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { findings } from './fixtures/axe'
import { PAGES, shellOf } from './pages/shell'

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${theme}`, async ({ page }) => {
    test.setTimeout(120_000)
    const shell = shellOf(page)
    const [template] = await ask(page, 'agents.templates', {})
    if (template === undefined) throw new Error('there is no template')
    await ask(page, 'agents.create', { definition: template.definition })
    await ask(page, 'secrets.create', { name: 'app/key', value: 'value', description: '' })
    await ask(page, 'settings.set', { theme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    for (const name of PAGES) {
      await shell.goTo(name)
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
      expect(await findings(page), name).toEqual([])
    }
    await shell.goTo('Agents')
    await page.getByRole('grid', { name: 'Agents' }).getByText(template.definition.name).first().click()
    await expect(page.getByRole('tab', { name: 'Log' })).toBeVisible()
    expect(await findings(page), 'agent detail').toEqual([])
  })
}

test('the keyboard alone leads to every page, to the palette and to the list of shortcuts', async ({ page }) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  for (const [key, name] of [
    ['a', 'Agents'],
    ['m', 'Messages'],
    ['e', 'Resources'],
    ['c', 'Schedules'],
    ['q', 'Approvals'],
    ['r', 'Reviews'],
    ['p', 'Policies'],
    ['s', 'Secrets'],
    ['u', 'Audit'],
    ['d', 'Doctor'],
    ['o', 'Overview'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  }
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+k')
  const search = page.getByRole('combobox')
  await expect(search).toBeFocused()
  await search.fill('secrets')
  await expect(page.getByRole('option', { selected: true })).toContainText('Secrets')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Secrets' })).toBeVisible()
})

test('the theme is the one that was chosen, at once and after a restart', async ({ launch }) => {
  const first = await launch()
  await ask(first.page, 'settings.set', { theme: 'dark' })
  await expect(first.page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await first.close()
  const second = await launch()
  await expect(second.page.locator('html')).toHaveAttribute('data-theme', 'dark')
})
