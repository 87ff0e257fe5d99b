/** Agents by the thousand: the list stays usable by pointer and by keyboard, and acts on many at once are told truly. */
import type { Page } from 'playwright/test'
import { expect, test } from './fixtures/app'
import { ask } from './fixtures/ask'
import { findings } from './fixtures/axe'
import { ENDLESS, fleetName, makeFleet, simplest } from './fixtures/fleet'
import { agentListOf } from './pages/agent-list'
import { agentsPageOf } from './pages/agents'
import { shellOf } from './pages/shell'

const FLEET = 1000

interface LongTasks {
  readonly count: number
  readonly longestMs: number
  readonly frames: number
}

/** Scroll through the whole list in steps, and tell what held the page up meanwhile. */
const scrollThrough = (page: Page): Promise<LongTasks> =>
  page.evaluate(async () => {
    const scroller = document.querySelector('[role="grid"][aria-label="Agents"]')?.parentElement
    if (scroller == null) throw new Error('there is no list to scroll')
    const durations: number[] = []
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) durations.push(entry.duration)
    })
    observer.observe({ entryTypes: ['longtask'] })
    let frames = 0
    for (let top = 0; top < scroller.scrollHeight; top += 240) {
      scroller.scrollTop = top
      await new Promise((resolve) => requestAnimationFrame(resolve))
      frames += 1
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    observer.disconnect()
    return { count: durations.length, longestMs: Math.max(0, ...durations), frames }
  })

test.describe('by the thousand', () => {
  test.use({ config: '[lifecycle]\nmax_agents = 2000\n' })

  test('a thousand agents are listed, scrolled, narrowed, chosen and acted on', async ({ page }, testInfo) => {
    test.setTimeout(180_000)
    const shell = shellOf(page)
    const list = agentListOf(page)
    const madeMs = await makeFleet(page, FLEET)
    await shell.goTo('Agents')
    await list.expectCount(FLEET)
    await expect(list.row(fleetName(FLEET - 1))).toBeVisible()

    // Only what is in view exists, and every row comes when it is scrolled to.
    expect(await list.grid.getByRole('row').count()).toBeLessThan(100)
    const scrolled = await scrollThrough(page)
    await expect(list.row(fleetName(0))).toBeVisible()
    const figures = `${FLEET} agents made in ${Math.round(madeMs)} ms; scrolled in ${scrolled.frames} frames with ${scrolled.count} long tasks, the longest ${Math.round(scrolled.longestMs)} ms`
    testInfo.annotations.push({ type: 'figures', description: figures })
    process.stdout.write(`${figures}\n`)
    expect(scrolled.longestMs).toBeLessThan(2_000)

    // The filter narrows and stands in the address; the order is a press on a title.
    await list.filter('fleet 09')
    await list.expectCount(100)
    expect(page.url()).toContain('q=fleet')
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending')
    await expect(list.grid.getByRole('row').nth(1)).toContainText(fleetName(900))
    await list.filter('nothing is called this')
    await expect(page.getByRole('heading', { name: 'No agent matches' })).toBeVisible()
    await shell.button('Clear the filter').last().click()
    await list.expectCount(FLEET)

    // By keyboard: to a row, choose it, a range from there, everything, nothing.
    await list.focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Space')
    await list.expectChosen(1)
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await list.expectChosen(3)
    await page.keyboard.press('Shift+ArrowUp')
    await list.expectChosen(2)
    await page.keyboard.press('Shift+End')
    await list.expectChosen(FLEET)
    await page.keyboard.press('Escape')
    await list.expectChosen(0)
    await page.keyboard.press('ControlOrMeta+a')
    await list.expectChosen(FLEET)
    await page.keyboard.press('Escape')
    await list.expectChosen(0)

    // By pointer: a box, a range with Shift, one taken out again.
    await list.filter('fleet 000')
    await list.expectCount(10)
    await list.row(fleetName(2)).getByRole('checkbox').click()
    await list.row(fleetName(5)).click({ modifiers: ['Shift'] })
    await list.expectChosen(4)
    await list.row(fleetName(3)).click({ modifiers: ['ControlOrMeta'] })
    await list.expectChosen(3)
    await page.keyboard.press('Escape')

    // Everything that matches is stopped, and nothing else.
    await page.keyboard.press('ControlOrMeta+a')
    await list.expectChosen(10)
    await list.act('Stop')
    await expect(page.getByText('10 agents are stopped.')).toBeVisible()
    await list.expectChosen(0)
    await list.filter('')
    await expect(list.chip('Terminated')).toContainText('10')
    await expect(list.chip('Created')).toContainText('990')

    // What cannot be done is told with its code and what to do.
    await list.chip('Terminated').click()
    await list.expectCount(10)
    await page.keyboard.press('ControlOrMeta+a')
    await list.expectChosen(10)
    await list.act('Suspend')
    const told = page.getByRole('dialog', { name: '10 agents could not be suspended' })
    await expect(told.getByText('AGENT_002').first()).toBeVisible()
    await told.getByRole('button', { name: 'Done' }).click()

    // The list is as it was left when one comes back from an agent.
    await list.row(fleetName(4)).click()
    await expect(page.getByRole('heading', { level: 1, name: fleetName(4) })).toBeVisible()
    await page.keyboard.press('Escape')
    await list.expectCount(10)
  })
})

test('one run is called off, and the agent that ran it can run again', async ({ page }) => {
  test.setTimeout(120_000)
  const agents = agentsPageOf(page)
  const agent = await ask(page, 'agents.create', {
    definition: await simplest(page, { name: 'Ticker', source: { language: 'javascript', text: ENDLESS } }),
  })
  await shellOf(page).goTo('Agents')
  await agents.open('Ticker')
  await agents.run({})
  await agents.waitForState('Running')
  await expect(agents.log()).toContainText('tick')
  await shellOf(page).button('Cancel run').click()
  await shellOf(page).dialog().getByRole('button', { name: 'Cancel run' }).click()
  await expect.poll(async () => (await ask(page, 'agents.get', { id: agent.id })).liveRuns, { timeout: 30_000 }).toBe(0)
  const [run] = await ask(page, 'executions.list', { agentId: agent.id, limit: 1 })
  expect(run).toMatchObject({ state: 'stopped', endCause: 'cancelled', origin: 'operator', attempt: 1 })
  await expect(page.getByText(/Called off after/)).toBeVisible()
  await expect(shellOf(page).button('Run').first()).toBeVisible()

  await agents.tab('Timeline')
  await expect(page.getByRole('region', { name: 'State track' }).getByRole('img')).toBeVisible()
  await expect(page.getByRole('list', { name: 'State changes and restarts' })).toContainText('Running')
  await agents.tab('Runs')
  await expect(page.getByRole('grid', { name: 'Runs' })).toContainText('the operator')
})

test.describe('one run at a time', () => {
  test.use({ config: '[scheduler]\nmax_concurrent_tasks = 1\n' })

  test('a run that waits says its place and what it waits for, and is taken out of the queue', async ({ page }) => {
    test.setTimeout(120_000)
    const agents = agentsPageOf(page)
    const shell = shellOf(page)
    const definition = await simplest(page, { source: { language: 'javascript', text: ENDLESS } })
    const [first, second] = [
      await ask(page, 'agents.create', { definition: { ...definition, name: 'First' } }),
      await ask(page, 'agents.create', { definition: { ...definition, name: 'Second' } }),
    ]
    await ask(page, 'agents.run', { id: first.id })
    await expect
      .poll(async () => (await ask(page, 'agents.get', { id: first.id })).state, { timeout: 60_000 })
      .toBe('Running')
    await shell.goTo('Agents')
    await agents.open('Second')
    await agents.run({})
    await expect(page.getByText('This run waits, place 1 of 1 in the queue')).toBeVisible()

    // The same in the queue of everything: by keyboard it is made more urgent.
    await shell.goTo('Resources')
    await page.getByRole('tab', { name: 'Back-ends and queue' }).click()
    const queue = page.getByRole('grid', { name: 'Queue' })
    await expect(queue.getByRole('row').nth(1)).toContainText('Second')
    await queue.focus()
    await page.keyboard.press('j')
    await page.keyboard.press('+')
    await expect(queue.getByRole('row').nth(1)).toContainText('High')
    await expect(page.getByRole('table', { name: 'Back-ends' }).locator('[data-backend="docker:local"]')).toContainText(
      '1 of 1',
    )
    expect(await findings(page), 'back-ends and queue').toEqual([])
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Second' })).toBeVisible()

    await agents.tab('Runs')
    const waiting = page.getByRole('region', { name: 'In the queue' })
    await expect(waiting).toContainText('1 run in the queue')
    await waiting.getByRole('button', { name: 'Cancel run' }).click()
    await shell.dialog().getByRole('button', { name: 'Cancel run' }).click()
    await expect(waiting).toHaveCount(0)
    expect((await ask(page, 'agents.get', { id: second.id })).queuedRuns).toBe(0)
    expect((await ask(page, 'agents.get', { id: first.id })).liveRuns).toBe(1)
    await ask(page, 'agents.stop', { id: first.id })
  })
})

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing while agents are chosen, asked about and looked into, ${theme}`, async ({ page }) => {
    test.setTimeout(120_000)
    const shell = shellOf(page)
    const list = agentListOf(page)
    await makeFleet(page, 12)
    await ask(page, 'settings.set', { theme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await shell.goTo('Agents')
    await list.expectCount(12)
    await page.keyboard.press('ControlOrMeta+a')
    await list.expectChosen(12)
    expect(await findings(page), 'chosen agents').toEqual([])
    await list.bar.getByRole('button', { name: /^Stop / }).click()
    await expect(shell.dialog()).toBeVisible()
    expect(await findings(page), 'the question').toEqual([])
    await page.keyboard.press('Escape')
    await list.row(fleetName(3)).click()
    for (const tab of ['Runs', 'Timeline', 'Definition']) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await findings(page), tab).toEqual([])
    }
  })
}
