import { isAppUrl } from '../origin'

/** What Electron tells about the frame that sent a message; null when the frame is gone already. */
export interface SenderFrame {
  readonly url: string
  readonly parent: unknown
}

/**
 * Why a sender must not be answered, or undefined when it may: only the top frame of one of our own windows, still
 * alive, showing our own page. A frame that has gone is refused as well, because what it showed cannot be known.
 */
export const senderProblem = (sender: {
  readonly frame: SenderFrame | null
  /**
   * Is that frame the one the page shows now? Asked instead of `detached`, which stays true for a page that came back
   * after a crash (seen in Electron 33).
   */
  readonly isCurrent: boolean
  /** Is the page that sent it one of our windows? */
  readonly isOurWindow: boolean
}): string | undefined => {
  if (!sender.isOurWindow) return 'The sender is not a window of the console.'
  if (sender.frame === null) return 'The sender is gone.'
  if (sender.frame.parent !== null) return 'The sender is not the top frame.'
  if (!sender.isCurrent) return 'The sender is gone.'
  if (!isAppUrl(sender.frame.url)) return 'The sender shows a page that is not ours.'
  return undefined
}
