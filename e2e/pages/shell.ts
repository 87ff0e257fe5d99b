import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'

/** Every page of the navigation, in its order. */
export const PAGES = [
  'Overview',
  'Agents',
  'Schedules',
  'Messages',
  'Resources',
  'Approvals',
  'Reviews',
  'Policies',
  'Secrets',
  'Audit',
  'Doctor',
  'Settings',
] as const
type PageName = (typeof PAGES)[number]

/** The shell that every page stands in. */
export interface Shell {
  readonly page: Page
  goTo(name: PageName): Promise<void>
  button(name: string): Locator
  field(label: string): Locator
  dialog(): Locator
}

export const shellOf = (page: Page): Shell => ({
  page,
  async goTo(name) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  },
  button: (name) => page.getByRole('button', { name, exact: true }),
  field: (label) => page.getByLabel(label, { exact: true }),
  dialog: () => page.getByRole('dialog').or(page.getByRole('alertdialog')),
})
