import { userInfo } from 'node:os'
import { calls } from '@contract'
import type { Caller } from '../engine/core'

/** The person at the command line, as the operating system knows them; they hold every scope. */
export const cliCaller = (): Caller => ({
  kind: 'cli',
  id: userInfo().username,
  scopes: new Set(Object.values(calls).map((call) => call.scope)),
})
