import { init } from './0010-init'
import { policy } from './0020-policy'
import { audit } from './0030-audit'
import { approvals } from './0040-approvals'

export interface Migration {
  /** Written to `PRAGMA user_version`; grows in steps of ten. */
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** Forward only, in order. A released one is never edited: add another. */
export const migrations: readonly Migration[] = [
  { version: 10, name: 'init', sql: init },
  { version: 20, name: 'policy', sql: policy },
  { version: 30, name: 'audit', sql: audit },
  { version: 40, name: 'approvals', sql: approvals },
]
