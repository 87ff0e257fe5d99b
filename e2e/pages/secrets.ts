import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { shellOf } from './shell'

/** The list of secrets and the forms around it. */
export interface SecretsPage {
  create(secret: { name: string; value: string; description?: string }): Promise<void>
  select(name: string): Promise<void>
}

export const secretsPageOf = (page: Page): SecretsPage => {
  const shell = shellOf(page)
  return {
    async create({ name, value, description }) {
      await shell.goTo('Secrets')
      await shell.button('New secret').first().click()
      const dialog = shell.dialog()
      await dialog.getByLabel('Name', { exact: true }).fill(name)
      await dialog.getByLabel('Value', { exact: true }).fill(value)
      if (description !== undefined) await dialog.getByLabel('Description', { exact: true }).fill(description)
      await dialog.getByRole('button', { name: 'Save secret' }).click()
      await expect(dialog).toBeHidden()
    },
    async select(name) {
      await page.getByText(name, { exact: true }).first().click()
    },
  }
}
