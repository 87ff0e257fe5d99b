import { agentHandlers } from './agents'
import { approvalHandlers } from './approvals'
import { auditHandlers, auditStreamHandlers } from './audit'
import { messageHandlers, messageStreamHandlers } from './messages'
import { policyHandlers } from './policies'
import { recoveryHandlers } from './recovery'
import { resourceHandlers } from './resources'
import { schedulerHandlers } from './scheduler'
import { scheduleHandlers } from './schedules'
import { secretHandlers } from './secrets'
import { systemHandlers } from './system'
import { toolHandlers } from './tools'
import type { Handlers, Host, StreamHandlers } from './types'

export type { CallContext, Handler, Handlers, Host, StreamHandler, StreamHandlers } from './types'

/** Every procedure of the contract, answered by the engine; used by every transport. */
export const createHandlers = (host: Host): Handlers => ({
  ...systemHandlers(host),
  ...agentHandlers(host),
  ...toolHandlers(host),
  ...policyHandlers(host),
  ...approvalHandlers(host),
  ...secretHandlers(host),
  ...scheduleHandlers(host),
  ...schedulerHandlers(host),
  ...auditHandlers(host),
  ...messageHandlers(host),
  ...resourceHandlers(host),
  ...recoveryHandlers(host),
})

export const createStreamHandlers = (host: Host): StreamHandlers => ({
  'executions.tail': async ({ id, afterSeq }) => {
    const { runs, logs } = host.engine()
    runs.get(id)
    return logs.tail(id, afterSeq)
  },
  'executions.stats': async ({ id }) => {
    const { runs, stats } = host.engine()
    runs.get(id)
    return stats.follow(id)
  },
  ...auditStreamHandlers(host),
  ...messageStreamHandlers(host),
})
