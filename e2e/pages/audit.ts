import type { Locator, Page } from 'playwright'
import { shellOf } from './shell'

/** The audit trail: table, filters, verification. */
export interface AuditPage {
  rows(): Locator
  verify(): Promise<void>
}

export const auditPageOf = (page: Page): AuditPage => {
  const shell = shellOf(page)
  return {
    rows: () => page.getByRole('grid', { name: 'Audit records' }).getByRole('row'),
    verify: () => shell.button('Verify').click(),
  }
}
