import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'
import { shellOf } from './shell'

/** The list of agents, the form that makes one, and the detail beside the list. */
export interface AgentsPage {
  createFrom(template: string): Promise<void>
  run(input: unknown): Promise<void>
  state(): Locator
  waitForState(state: string, timeoutMs?: number): Promise<void>
  log(): Locator
  tab(name: string): Promise<void>
  stop(): Promise<void>
  /** Choose an agent of the list by its name. */
  open(name: string): Promise<void>
  /** Replace the program of the agent that is shown, as a new version. */
  editSource(source: string): Promise<void>
  /** Follow the newest run of the agent that is shown into the audit trail. */
  followIntoAudit(): Promise<void>
}

export const agentsPageOf = (page: Page): AgentsPage => {
  const shell = shellOf(page)
  const state = (): Locator => page.getByRole('region', { name: 'Agent', exact: true }).locator('[data-state]').first()
  return {
    state,
    log: () => page.getByRole('log', { name: 'Run log' }).first(),
    async createFrom(template) {
      await shell.goTo('Agents')
      await shell.button('New agent').first().click()
      await shell.field('Template').selectOption(template)
      await shell.button('Create agent').click()
      await expect(state()).toHaveAttribute('data-state', 'Created')
    },
    async run(input) {
      await shell.button('Run').first().click()
      const field = shell.dialog().getByLabel('Input', { exact: true })
      await field.fill(JSON.stringify(input))
      await shell.dialog().getByRole('button', { name: 'Run agent' }).click()
    },
    async waitForState(wanted, timeoutMs = 60_000) {
      await expect(state()).toHaveAttribute('data-state', wanted, { timeout: timeoutMs })
    },
    async tab(name) {
      await page.getByRole('tab', { name }).click()
    },
    async open(name) {
      await page.getByRole('grid', { name: 'Agents' }).getByText(name, { exact: true }).first().click()
    },
    async editSource(source) {
      await page.getByRole('tab', { name: 'Definition' }).click()
      await shell.button('Edit').click()
      const editor = page.getByRole('textbox', { name: 'Program' })
      await editor.click()
      await page.keyboard.press('ControlOrMeta+a')
      // Chromium wraps what replaces a selection in a styled element, which the content policy then refuses.
      await page.keyboard.press('Delete')
      await page.keyboard.insertText(source)
      await shell.button('Save version').click()
      await expect(shell.button('Edit')).toBeVisible()
      await page.getByRole('tab', { name: 'Log' }).click()
    },
    async followIntoAudit() {
      await page.getByRole('tab', { name: 'Runs' }).click()
      await page.getByRole('link', { name: /^[0-9a-f]{8}-/ }).click()
      await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible()
    },
    async stop() {
      await shell.button('Stop agent').first().click()
      await shell.dialog().getByRole('button', { name: 'Stop agent' }).click()
    },
  }
}
