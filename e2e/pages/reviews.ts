import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { shellOf } from './shell'

/** Tool servers and the queue of tools that wait for a decision. */
export interface ReviewsPage {
  connect(server: { name: string; command: string; args: readonly string[] }): Promise<void>
  select(tool: string): Promise<void>
  approve(reason: string): Promise<void>
  reject(reason: string): Promise<void>
}

export const reviewsPageOf = (page: Page): ReviewsPage => {
  const shell = shellOf(page)
  const decide = async (button: 'Approve' | 'Reject', reason: string): Promise<void> => {
    await shell.field('Reason').fill(reason)
    await shell.button(button).click()
    await expect(shell.field('Reason')).toHaveValue('')
  }
  return {
    async connect({ name, command, args }) {
      await shell.goTo('Reviews')
      await shell.button('Connect a server').first().click()
      const dialog = shell.dialog()
      await dialog.getByLabel('Name', { exact: true }).fill(name)
      await dialog.getByLabel('Command', { exact: true }).fill(command)
      await dialog.getByLabel('Arguments', { exact: true }).fill(args.join('\n'))
      await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
      await expect(dialog).toBeHidden({ timeout: 30_000 })
    },
    async select(tool) {
      await page.getByRole('grid', { name: 'Pending tools' }).getByText(tool, { exact: true }).first().click()
    },
    approve: (reason) => decide('Approve', reason),
    reject: (reason) => decide('Reject', reason),
  }
}
