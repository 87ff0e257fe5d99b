import { type Clock, type Log, messageOf } from '../core'
import type { Store } from '../store'

/** Logs and samples of the newest runs of an agent stay, however old. */
const KEPT_RUNS = 20
/** Rows that one write removes: a long log must not hold others up. */
const SLICE = 500
const EVERY_MS = 3_600_000
/** After the start others come first. */
const FIRST_MS = 60_000

/** Removes the logs and usage samples of old runs, in small steps. What was given and what came of it stays. */
export interface Retention {
  /** Look now. Resolves with the number of runs that were cleared. */
  prune(): Promise<number>
  close(): void
}

export const createRetention = (ports: { store: Store; clock: Clock; log: Log; keepMs: number }): Retention => {
  const { store, clock, log, keepMs } = ports
  let isClosed = false
  let cancel: () => void = () => undefined

  /** The next run that is due; one of the newest of its agent is passed over. */
  const nextDue = (): { id: string } | undefined =>
    store.get(
      `SELECT id FROM executions e
       WHERE ended_at IS NOT NULL AND pruned = 0 AND ended_at < :beforeMs
         AND (SELECT count(*) FROM (SELECT 1 FROM executions n WHERE n.agent_id = e.agent_id AND n.id > e.id LIMIT :kept)) >= :kept
       ORDER BY ended_at LIMIT 1`,
      { beforeMs: clock.nowMs() - keepMs, kept: KEPT_RUNS },
    )

  const clear = async (id: string): Promise<void> => {
    for (;;) {
      const left = await store.write((tx) => {
        const lines = tx.run(
          `DELETE FROM execution_log WHERE execution_id = :id AND seq IN
             (SELECT seq FROM execution_log WHERE execution_id = :id LIMIT :slice)`,
          { id, slice: SLICE },
        )
        const samples = tx.run(
          `DELETE FROM execution_stats WHERE execution_id = :id AND at IN
             (SELECT at FROM execution_stats WHERE execution_id = :id LIMIT :slice)`,
          { id, slice: SLICE },
        )
        const more = lines === SLICE || samples === SLICE
        if (!more) tx.run('UPDATE executions SET pruned = 1 WHERE id = :id', { id })
        return more
      })
      if (!left || isClosed) return
    }
  }

  const prune = async (): Promise<number> => {
    let cleared = 0
    for (;;) {
      const due = isClosed ? undefined : nextDue()
      if (due === undefined) return cleared
      await clear(due.id)
      cleared += 1
    }
  }

  const later = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      prune()
        .then((cleared) => {
          if (cleared > 0) log.info({ cleared }, 'logs of old runs were removed')
        })
        .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'logs of old runs could not be removed'))
        .finally(() => {
          if (!isClosed) later(EVERY_MS)
        })
    })
  }
  later(FIRST_MS)

  return {
    prune,
    close() {
      isClosed = true
      cancel()
    },
  }
}
