import type { Locator, Page } from 'playwright'
import { shellOf } from './shell'

/** The policy: its editor, its tests, its simulator, its history. */
export interface PoliciesPage {
  tab(name: 'Editor' | 'Tests' | 'Simulator' | 'History'): Promise<void>
  editor(): Locator
  /** Replace the whole text. */
  write(text: string): Promise<void>
  problems(): Locator
  /** Press Save; when past decisions would change, a dialog shows them before anything is in force. */
  save(): Promise<void>
  versions(): Locator
}

export const policiesPageOf = (page: Page): PoliciesPage => {
  const shell = shellOf(page)
  const editor = (): Locator => page.getByRole('textbox', { name: 'Policy', exact: true })
  return {
    async tab(name) {
      await page.getByRole('tab', { name }).click()
    },
    editor,
    async write(text) {
      await editor().click()
      await page.keyboard.press('ControlOrMeta+a')
      // Chromium wraps what replaces a selection in a styled element, which the content policy then refuses.
      await page.keyboard.press('Delete')
      await page.keyboard.insertText(text)
    },
    problems: () => page.getByRole('region', { name: 'Problems' }).getByRole('listitem'),
    async save() {
      await shell.button('Save policy').click()
    },
    versions: () => page.getByRole('grid', { name: 'Policy versions' }).getByRole('row'),
  }
}
