import { init } from './0010-init'

export interface Migration {
  /** Written to `PRAGMA user_version`; grows in steps of ten. */
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** Forward only, in order. A released one is never edited: add another. */
export const migrations: readonly Migration[] = [{ version: 10, name: 'init', sql: init }]
