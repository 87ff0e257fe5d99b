/** The one SQLite database: lock, migrations, group commit. */
export { type Migration, migrations } from './migrations'
export { openReader, type Reader } from './reader'
export type { Sql, SqlParams, SqlValue } from './sql'
export { openStore, type Store, type StoreOptions, type Tx } from './store'
