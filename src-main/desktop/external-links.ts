import { type BrowserWindow, dialog, shell } from 'electron'
import { externalTarget } from './external-target'

/**
 * Offer to open an address outside. The person is shown the whole address first and nothing happens by itself: a page
 * that was taken over must not be able to send anything out in the query of an address.
 *
 * @returns whether it was opened
 */
export type OpenExternal = (address: string, parent: BrowserWindow | null) => Promise<boolean>

/** The only place that hands anything to the system's browser. */
export const createOpenExternal = (onRefused: (address: string) => void): OpenExternal => {
  let asking = false
  return async (address, parent) => {
    const target = externalTarget(address)
    if (target === undefined || asking) {
      onRefused(address)
      return false
    }
    asking = true
    try {
      const question = {
        type: 'question' as const,
        message: 'Open this address outside the console?',
        detail: target,
        buttons: ['Open', 'Cancel'],
        defaultId: 1,
        cancelId: 1,
        noLink: true,
      }
      const { response } = await (parent === null
        ? dialog.showMessageBox(question)
        : dialog.showMessageBox(parent, question))
      if (response !== 0) return false
      await shell.openExternal(target)
      return true
    } finally {
      asking = false
    }
  }
}
