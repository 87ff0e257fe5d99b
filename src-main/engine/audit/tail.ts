import type { AuditFilter, AuditRecord } from '@contract'
import type { Source } from '../core'
import type { Sql } from '../store'
import type { Audit } from './audit'
import { recordsAfter } from './query'

const BATCH = 200

/** Records as they are committed, oldest first. It has no end of its own. */
export const tailOf =
  (ports: { sql: Sql; audit: Audit }, filter: AuditFilter, afterSeq?: number): Source<AuditRecord> =>
  (sink) => {
    const { sql, audit } = ports
    let sent = afterSeq ?? audit.headSeq()
    let scheduled = false
    let stopped = false

    const flush = (): void => {
      scheduled = false
      if (stopped) return
      try {
        const head = audit.headSeq()
        const records = recordsAfter(sql, filter, { afterSeq: sent, limit: BATCH })
        const full = records.length === BATCH
        sent = full ? (records.at(-1)?.seq ?? head) : head
        if (records.length > 0) sink.emit(records)
        if (full) schedule()
      } catch (error) {
        stop()
        sink.end(error)
      }
    }

    /** Commits that come in one turn are sent as one. */
    const schedule = (): void => {
      if (scheduled || stopped) return
      scheduled = true
      setImmediate(flush)
    }

    const unsubscribe = audit.onCommitted(schedule)
    const stop = (): void => {
      stopped = true
      unsubscribe()
    }
    schedule()
    return stop
  }
