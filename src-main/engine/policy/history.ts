import type { Clock } from '../core'
import type { Store } from '../store'

/** Who put a version in force. */
export interface VersionAuthor {
  /** `file` was found on the disk, `console` saved by a person, `rollback` taken back. */
  readonly origin: 'file' | 'console' | 'rollback'
  /** The person's or program's name; null for a file that was found. */
  readonly by: string | null
}

export interface PolicyVersion extends VersionAuthor {
  /** Grows with each time that a set comes into force. */
  readonly seq: number
  /** SHA-256 of the text. */
  readonly hash: string
  readonly atMs: number
  readonly rules: number
  readonly bytes: number
}

/** Every text that was ever in force, and when. */
export interface PolicyHistory {
  /** Resolves once it is on the disk. The text that is in force already adds nothing. */
  add(
    version: { readonly text: string; readonly hash: string; readonly rules: number },
    author: VersionAuthor,
  ): Promise<void>
  /** Newest first. */
  list(limit: number): readonly PolicyVersion[]
  /** Null when it is not kept. */
  text(hash: string): string | null
}

/** Older ones go. */
const KEPT_VERSIONS = 500

interface Row {
  readonly seq: number
  readonly hash: string
  readonly at: number
  readonly origin: PolicyVersion['origin']
  readonly by_whom: string | null
  readonly rules: number
  readonly bytes: number
}

export const createPolicyHistory = (ports: { readonly store: Store; readonly clock: Clock }): PolicyHistory => {
  const { store, clock } = ports
  return {
    add: (version, author) =>
      store.write((tx) => {
        const { hash, text, rules } = version
        const newest = tx.get<{ hash: string }>('SELECT hash FROM policy_versions ORDER BY seq DESC LIMIT 1')
        if (newest?.hash === hash) return
        tx.run('INSERT OR IGNORE INTO policy_texts (hash, text) VALUES (:hash, :text)', { hash, text })
        tx.run(
          'INSERT INTO policy_versions (hash, at, origin, by_whom, rules) VALUES (:hash, :at, :origin, :by, :rules)',
          { hash, at: clock.nowMs(), origin: author.origin, by: author.by, rules },
        )
        tx.run(
          `DELETE FROM policy_versions WHERE seq <= (SELECT seq FROM policy_versions ORDER BY seq DESC LIMIT 1 OFFSET ${KEPT_VERSIONS})`,
        )
        tx.run('DELETE FROM policy_texts WHERE hash NOT IN (SELECT hash FROM policy_versions)')
      }),
    list: (limit) =>
      store
        .all<Row>(
          `SELECT seq, hash, at, origin, by_whom, rules, length(CAST(text AS BLOB)) AS bytes
             FROM policy_versions JOIN policy_texts USING (hash) ORDER BY seq DESC LIMIT :limit`,
          { limit },
        )
        .map(({ at, by_whom, ...row }) => ({ ...row, atMs: at, by: by_whom })),
    text: (hash) =>
      store.get<{ text: string }>('SELECT text FROM policy_texts WHERE hash = :hash', { hash })?.text ?? null,
  }
}
