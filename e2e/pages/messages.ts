import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'
import { shellOf } from './shell'

/** The messages page: list with typed filter, detail, conversation, dead letters. */
export interface MessagesPage {
  open(): Promise<void>
  tab(name: 'Messages' | 'Dead letters' | 'Topics and identities'): Promise<void>
  rows(): Locator
  deadLetters(): Locator
  detail(): Locator
  payload(): Locator
  conversation(): Locator
  filter(text: string): Promise<void>
  /** Open what is shown, by keyboard, for a reason. */
  reveal(reason: string): Promise<void>
}

export const messagesPageOf = (page: Page): MessagesPage => {
  const shell = shellOf(page)
  const bodyRows = (grid: string): Locator => page.getByRole('grid', { name: grid, exact: true }).locator('tbody tr')
  return {
    async open() {
      await shell.goTo('Messages')
    },
    async tab(name) {
      await page.getByRole('tab', { name }).click()
    },
    rows: () => bodyRows('Messages'),
    deadLetters: () => bodyRows('Dead letters'),
    detail: () => page.getByRole('complementary', { name: 'Message', exact: true }),
    payload: () => page.getByRole('region', { name: 'Payload', exact: true }),
    conversation: () => page.getByRole('region', { name: 'Conversation', exact: true }),
    async filter(text) {
      await page.keyboard.press('/')
      const input = page.getByRole('combobox', { name: 'Filter messages' })
      await expect(input).toBeFocused()
      await input.fill(text)
      await page.keyboard.press('Enter')
    },
    async reveal(reason) {
      await page.keyboard.press('r')
      await shell.dialog().getByLabel('Reason', { exact: true }).fill(reason)
      await page.keyboard.press('Enter')
      await expect(shell.dialog()).toHaveCount(0)
    },
  }
}
