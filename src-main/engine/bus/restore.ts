import type { Rejection } from './delivery'
import { decodeHeader } from './header.ts'
import type { Identities } from './identities'
import type { Journal } from './journal'
import type { Entry, Mailboxes } from './mailboxes'
import { isOpen, readFate } from './states'
import type { Windows } from './windows'

/**
 * Put what an earlier start left unsettled back into its queues, in its order. Returns what must be refused: what is
 * there twice or was settled before, and what names nobody we know.
 */
export const restore = (ports: {
  readonly journal: Journal
  readonly identities: Identities
  readonly mailboxes: Mailboxes
  readonly windows: Windows
}): Rejection[] => {
  const { journal, identities, mailboxes, windows } = ports
  const refused: Rejection[] = []
  for (const { fates, heads } of journal.unsettled())
    for (const [index, head] of heads.entries()) {
      const fate = readFate(fates, index)
      if (!isOpen(fate)) continue
      const header = decodeHeader(head.header)
      const sender = header === null ? null : identities.member(header.senderId)
      const recipient = header === null ? null : identities.member(header.recipientId)
      // Its header tells nothing that could be acted on, so it stays where it is and is given to nobody.
      if (header === null || sender === null || recipient === null) continue
      const isTwin = !windows.enter(sender, recipient, header.sequence)
      const entry: Entry = {
        ...header,
        correlationId: header.correlationId as Entry['correlationId'],
        sender,
        recipient,
        head,
        fates,
        index,
        replays: 0,
        atMs: header.sentAtMs + header.ttlMs,
        isTwin,
        attempts: fate.attempts,
        holder: null,
        retry: null,
        settled: false,
      }
      mailboxes.restore(entry)
      if (isTwin) refused.push({ entry, code: 'COMM_004', detail: 'its sequence was seen before' })
      else if (header.sequence > sender.sequence)
        refused.push({ entry, code: 'COMM_003', detail: 'the sender never came to this sequence' })
    }
  return refused
}
