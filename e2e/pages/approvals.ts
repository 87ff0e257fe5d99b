import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'

/** The queue of acts that wait for a person, driven by keys as a person who has many of them would. */
export interface ApprovalsPage {
  /** Go there with the keyboard. */
  open(): Promise<void>
  pending(): Locator
  /** Choose the next request of the queue and wait until all of it is on the screen. */
  next(): Promise<void>
  request(): Locator
  /** The digest of the request that is shown. */
  digest(): Promise<string>
  /** How far a yes would reach, in words. */
  reach(): Locator
  /** Decide with the keyboard alone. */
  approve(options?: { scopeKey?: '1' | '2' | '3' | '4'; reason?: string }): Promise<void>
  deny(reason: string): Promise<void>
  tab(name: 'Pending' | 'History' | 'Standing grants' | 'Advice'): Promise<void>
  decided(): Locator
}

export const approvalsPageOf = (page: Page): ApprovalsPage => {
  const request = (): Locator => page.getByRole('region', { name: 'Request', exact: true })
  const reason = (): Locator => request().getByLabel('Reason', { exact: true })
  const decide = async (key: 'a' | 'r', text: string | undefined): Promise<void> => {
    await page.keyboard.press(key)
    await expect(reason()).toBeFocused()
    if (text !== undefined) await page.keyboard.type(text)
    await page.keyboard.press('ControlOrMeta+Enter')
  }
  return {
    async open() {
      await page.keyboard.press('g')
      await page.keyboard.press('q')
      await expect(page.getByRole('heading', { level: 1, name: 'Approvals' })).toBeVisible()
    },
    pending: () => page.getByRole('grid', { name: 'Pending approvals' }).getByRole('row'),
    decided: () => page.getByRole('grid', { name: 'Decided approvals' }).getByRole('row'),
    request,
    async next() {
      await expect(page.getByRole('grid', { name: 'Pending approvals' })).toBeVisible()
      await page.keyboard.press('j')
      await expect(request().getByTestId('digest')).toBeVisible()
    },
    digest: async () => (await request().getByTestId('digest').textContent()) ?? '',
    reach: () => request().getByTestId('reach'),
    async approve({ scopeKey, reason: text } = {}) {
      if (scopeKey !== undefined) await page.keyboard.press(scopeKey)
      await decide('a', text)
    },
    deny: (text) => decide('r', text),
    async tab(name) {
      await page.getByRole('tab', { name }).click()
    },
  }
}
