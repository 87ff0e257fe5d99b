import { init } from './0010-init'
import { policy } from './0020-policy'
import { audit } from './0030-audit'
import { approvals } from './0040-approvals'
import { lifecycle } from './0050-lifecycle'
import { scheduler } from './0060-scheduler'
import { schedules } from './0070-schedules'
import { resources } from './0080-resources'
import { messages } from './0090-messages'
import { recovery } from './0100-recovery'
import { leanWrites } from './0110-lean-writes'

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
  { version: 50, name: 'lifecycle', sql: lifecycle },
  { version: 60, name: 'scheduler', sql: scheduler },
  { version: 70, name: 'schedules', sql: schedules },
  { version: 80, name: 'resources', sql: resources },
  { version: 90, name: 'messages', sql: messages },
  { version: 100, name: 'recovery', sql: recovery },
  { version: 110, name: 'lean writes', sql: leanWrites },
]
