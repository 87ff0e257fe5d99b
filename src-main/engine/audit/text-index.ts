import type { Sql, Store } from '../store'

/** Records that one write brings into the index. */
const SLICE = 200
/** Three-letter pieces that a search asks the index for; the text itself is compared after that. */
const MOST_PIECES = 16

/** The newest record that the text index knows. */
export const indexedTo = (sql: Sql): number =>
  sql.get<{ seq: number | null }>('SELECT max(rowid) AS seq FROM audit_text')?.seq ?? 0

/**
 * What to ask the index for: every three-letter piece of the text. It answers with more records than match, never with
 * fewer. null when the text is too short for it.
 */
export const matchOf = (text: string): string | null => {
  const letters = [...text]
  const pieces = new Set<string>()
  for (let at = 0; at + 3 <= letters.length && pieces.size < MOST_PIECES; at += 1)
    // A NUL would end the question.
    if (!letters.slice(at, at + 3).includes('\0')) pieces.add(letters.slice(at, at + 3).join(''))
  if (pieces.size === 0) return null
  return [...pieces].map((piece) => `"${piece.replaceAll('"', '""')}"`).join(' AND ')
}

/**
 * Bring the index up to the newest record, in slices. It is not part of the write of a record: an act must not wait for
 * it, and what it does not know yet is searched without it.
 */
export const catchUpText = async (store: Store, signal: AbortSignal): Promise<void> => {
  for (;;) {
    if (signal.aborted) return
    const done = await store.write((tx) => {
      const from = indexedTo(tx)
      return tx.run(
        `INSERT INTO audit_text (rowid, action, resource, actor_id, reason)
         SELECT seq, action, resource, actor_id, reason FROM audit WHERE seq > :from ORDER BY seq LIMIT :slice`,
        { from, slice: SLICE },
      )
    })
    if (done < SLICE) return
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
