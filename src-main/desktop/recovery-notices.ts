import type { TopicPayload } from '@contract'
import type { Clock } from '../engine/core'
import { type Notice, plain } from './approval-notices'

export interface RecoveryNoticePorts {
  readonly clock: Pick<Clock, 'after'>
  /** Show a notice of the system; `onClick` opens, it decides nothing. */
  readonly show: (notice: Notice, onClick: () => void) => void
  /** True while a person has the console in front of them: then its own pages say it. */
  readonly isLookedAt: () => boolean
  /** Bring the console to the front. */
  readonly open: () => void
}

type Escalated = TopicPayload<'recovery.escalated'>

/** What comes within this time is told in one notice: when a back-end goes, all its agents say so at once. */
const GATHER_MS = 1_000
/** Nobody reads more in a notice; the count tells of the others. */
const MOST_NAMED = 3

/** Tells the person of failures that the console does not get over by itself, while they look elsewhere. */
export const createRecoveryNotices = (ports: RecoveryNoticePorts): ((failure: Escalated) => void) => {
  const { clock, show, isLookedAt, open } = ports
  let gathered: Escalated[] = []

  const announce = (): void => {
    const failures = gathered
    gathered = []
    const [first] = failures
    if (first === undefined || isLookedAt()) return
    const notice =
      failures.length === 1
        ? { title: plain(first.title), body: plain(first.text) }
        : {
            title: `${failures.length} failures need you`,
            body: failures
              .slice(0, MOST_NAMED)
              .map(({ title }) => plain(title))
              .join('\n'),
          }
    show(notice, open)
  }

  return (failure) => {
    if (gathered.length === 0) clock.after(GATHER_MS, announce)
    gathered.push(failure)
  }
}
