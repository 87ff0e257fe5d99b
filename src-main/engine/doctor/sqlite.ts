import { messageOf } from '../core'
import { type Check, fail, pass } from './check'

export interface SqliteFindings {
  /** Of the SQLite library, like `3.54.1`. */
  readonly version: string
  /** `ok`, or the first thing that an integrity check found wrong; null when no database is open. */
  readonly integrity: string | null
}

/** @param probe loads the binding and looks at the open database; rejects when the binding cannot be loaded */
export const sqliteCheck = (probe: (signal: AbortSignal) => Promise<SqliteFindings>): Check => ({
  id: 'sqlite',
  title: 'Database',
  async run(signal) {
    const found = await probe(signal).catch((error: unknown) => ({ problem: messageOf(error) }))
    if ('problem' in found) {
      return fail({
        cause: `SQLite cannot be opened: ${found.problem}`,
        fix: 'Let set-up prepare the SQLite binding for this runtime, then start again.',
        command: 'npm run setup',
      })
    }
    if (found.integrity === null) return pass(`SQLite ${found.version} opens; no database is open to be checked.`)
    if (found.integrity === 'ok') return pass(`SQLite ${found.version} opens, and the database is sound.`)
    return fail({
      cause: `The database is damaged: ${found.integrity}`,
      fix: 'Close the console, keep a copy of the data folder, and put back the newest file of its backups folder.',
    })
  },
})
