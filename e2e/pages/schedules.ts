import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'
import { shellOf } from './shell'

/** The list of schedules, the form that makes one, and the detail beside the list. */
export interface SchedulesPage {
  create(schedule: { name: string; agent: string; pattern: string; zone?: string }): Promise<void>
  /** The state of the schedule that is shown. */
  status(): Locator
  tab(name: 'Times' | 'History' | 'Definition'): Promise<void>
  history(): Locator
  /** The days of the calendar. */
  day(name: RegExp): Locator
  nextTimes(): Locator
}

export const schedulesPageOf = (page: Page): SchedulesPage => {
  const shell = shellOf(page)
  const detail = (): Locator => page.getByRole('region', { name: 'Schedule', exact: true })
  const choose = async (label: string, text: string): Promise<void> => {
    await shell.dialog().getByRole('combobox', { name: label }).fill(text)
    await page.getByRole('option', { name: text }).first().click()
  }
  return {
    async create({ name, agent, pattern, zone }) {
      await shell.goTo('Schedules')
      await shell.button('New schedule').first().click()
      await shell.dialog().getByLabel('Name', { exact: true }).fill(name)
      await choose('Agent', agent)
      await shell.dialog().getByLabel('Pattern', { exact: true }).fill(pattern)
      if (zone !== undefined) await choose('Time zone', zone)
      await expect(shell.dialog().getByRole('list', { name: 'Next times' }).getByRole('listitem').first()).toBeVisible()
      await shell.dialog().getByRole('button', { name: 'Create schedule' }).click()
      await expect(shell.dialog()).toBeHidden()
    },
    status: () => detail().locator('[data-status]'),
    async tab(name) {
      await detail().getByRole('tab', { name }).click()
    },
    history: () => page.getByRole('grid', { name: 'Schedule history' }).getByRole('row'),
    day: (name) => detail().getByRole('region', { name: 'Calendar' }).getByRole('button', { name }),
    nextTimes: () => detail().getByRole('list', { name: 'Next times' }).getByRole('listitem'),
  }
}
