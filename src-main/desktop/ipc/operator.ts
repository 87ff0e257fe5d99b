import { calls, type Scope, streams } from '@contract'
import type { Caller } from '../../engine/core'

/** The person at this machine may ask for everything; what an agent may do is decided elsewhere. */
export const desktopOperator = (): Caller => ({
  kind: 'operator',
  id: 'desktop',
  scopes: new Set<Scope>([...Object.values(calls), ...Object.values(streams)].map((definition) => definition.scope)),
})
