/**
 * Loads the SQLite binding and asks it for its version, with a database in memory.
 * @param nativeBinding path of a binding of its own; undefined for the one that the package brings
 * @throws when the binding is missing or made for another runtime
 */
export const probeSqliteBinding = async (nativeBinding: string | undefined): Promise<string> => {
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(':memory:', nativeBinding === undefined ? {} : { nativeBinding })
  try {
    return String(database.prepare('SELECT sqlite_version()').pluck().get())
  } finally {
    database.close()
  }
}
