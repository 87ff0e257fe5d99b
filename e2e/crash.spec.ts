/** A power cut in the middle of a run: nothing acknowledged is lost, nothing is left behind, the cause is said. */
import { expect, test } from './fixtures/app'
import { containersOf } from './fixtures/containers'
import { agentsPageOf } from './pages/agents'
import { auditPageOf } from './pages/audit'
import { secretsPageOf } from './pages/secrets'
import { shellOf } from './pages/shell'

test('kill -9 while an agent runs', async ({ launch, dataDir }) => {
  test.setTimeout(180_000)
  const first = await launch()
  const before = agentsPageOf(first.page)
  await secretsPageOf(first.page).create({ name: 'app/kept', value: 'stays' })
  await before.createFrom('Hello')
  await before.editSource(`setInterval(() => console.error('still here'), 100)`)
  await before.run({})
  await before.waitForState('Running')
  await expect(before.log()).toContainText('still here')
  expect(containersOf(dataDir)).toHaveLength(1)
  await first.kill()

  const second = await launch()
  const shell = shellOf(second.page)
  const after = agentsPageOf(second.page)
  await shell.goTo('Agents')
  await after.open('Hello')
  await after.waitForState('Failed')
  await after.tab('Runs')
  await expect(
    second.page
      .getByText('engine-stopped')
      .or(second.page.getByText(/engine stopped/i))
      .first(),
  ).toBeVisible()
  await expect.poll(() => containersOf(dataDir), { timeout: 20_000 }).toEqual([])

  await shell.goTo('Secrets')
  await expect(second.page.getByText('app/kept', { exact: true }).first()).toBeVisible()
  await shell.goTo('Audit')
  await auditPageOf(second.page).verify()
  await expect(second.page.getByText(/verifies/i).first()).toBeVisible()

  // And the agent can be run again.
  await shell.goTo('Agents')
  await after.open('Hello')
  await after.run({})
  await after.waitForState('Running')
  await after.stop()
  await after.waitForState('Terminated')
})
