import type { Consequence } from '@contract'
import type { Operation, ResourceType } from '../policy'

export interface ActionEntry {
  readonly type: ResourceType
  readonly operation: Operation
  /** What the act can lead to at its worst; a request may say worse, never milder. */
  readonly consequence: Consequence
}

const act = (type: ResourceType, operation: Operation, consequence: Consequence): ActionEntry => ({
  type,
  operation,
  consequence,
})

/**
 * Every act there is, as `area.verb`: on what kind of thing, which operation of the policy it is, how grave it can be.
 * Nothing is asked for, decided, approved or recorded under another name.
 */
export const ACTIONS = {
  'agent.create': act('Agent', 'Create', 'change'),
  'agent.edit': act('Agent', 'Modify', 'change'),
  'agent.run': act('Agent', 'Execute', 'change'),
  'agent.delegate': act('Agent', 'Delegate', 'change'),
  'agent.suspend': act('Agent', 'Modify', 'change'),
  'agent.resume': act('Agent', 'Modify', 'change'),
  'agent.stop': act('Agent', 'Modify', 'destroy'),
  'agent.ready': act('Agent', 'Modify', 'change'),
  'agent.running': act('Agent', 'Modify', 'change'),
  'agent.failed': act('Agent', 'Modify', 'change'),
  'agent.terminated': act('Agent', 'Modify', 'change'),
  'agent.heartbeat': act('Agent', 'Modify', 'metadata'),
  'agent.unreachable': act('Agent', 'Modify', 'change'),
  'agent.waiting': act('Agent', 'Modify', 'change'),
  'agent.recover': act('Agent', 'Modify', 'change'),

  'run.log': act('Run', 'Write', 'metadata'),
  'run.complete': act('Run', 'Write', 'change'),
  'run.end': act('Agent', 'Modify', 'change'),
  'run.cancel': act('Run', 'Modify', 'change'),
  'run.prioritise': act('Run', 'Modify', 'change'),
  // No built-in rule allows it: work is taken away only where the policy file says so.
  'run.preempt': act('Run', 'Preempt', 'change'),
  // Asked as the agent, on `backend/NAME`, with the memory as its bytes: a Limit rule can cap it.
  'compute.allocate': act('Compute', 'Allocate', 'change'),
  'compute.violation': act('Compute', 'Modify', 'change'),
  'backend.add': act('Compute', 'Create', 'change'),
  'backend.check': act('Compute', 'Execute', 'metadata'),
  'backend.remove': act('Compute', 'Delete', 'change'),
  'breaker.probe': act('Compute', 'Execute', 'change'),
  'breaker.change': act('Compute', 'Modify', 'change'),
  'recovery.escalate': act('Agent', 'Modify', 'change'),

  'schedule.create': act('Schedule', 'Create', 'change'),
  'schedule.edit': act('Schedule', 'Modify', 'change'),
  'schedule.pause': act('Schedule', 'Modify', 'change'),
  'schedule.resume': act('Schedule', 'Modify', 'change'),
  'schedule.remove': act('Schedule', 'Delete', 'destroy'),
  'schedule.trigger': act('Schedule', 'Execute', 'change'),
  'schedule.fire': act('Schedule', 'Execute', 'change'),
  'schedule.settle': act('Schedule', 'Modify', 'change'),
  'task.cancel': act('Run', 'Modify', 'change'),

  'tool.call': act('Tool', 'Execute', 'change'),
  'server.add': act('Server', 'Create', 'change'),
  'server.remove': act('Server', 'Delete', 'destroy'),
  'server.reconnect': act('Server', 'Execute', 'change'),
  'server.connect': act('Server', 'Execute', 'change'),
  'server.tools': act('Server', 'Modify', 'change'),
  'server.exit': act('Server', 'Modify', 'change'),
  'review.decide': act('Review', 'Modify', 'change'),

  'secret.create': act('Secret', 'Create', 'change'),
  'secret.read': act('Secret', 'Read', 'disclose'),
  'secret.reveal': act('Secret', 'Read', 'disclose'),
  'secret.delete': act('Secret', 'Delete', 'destroy'),
  'secret.reconcile': act('Secret', 'Delete', 'destroy'),

  'memory.get': act('Memory', 'Read', 'metadata'),
  'memory.put': act('Memory', 'Write', 'change'),
  'knowledge.read': act('Knowledge', 'Read', 'disclose'),
  'knowledge.write': act('Knowledge', 'Write', 'change'),
  'knowledge.delete': act('Knowledge', 'Delete', 'destroy'),

  'bus.send': act('Message', 'Send', 'disclose'),
  'bus.receive': act('Message', 'Receive', 'disclose'),
  'bus.subscribe': act('Message', 'Subscribe', 'metadata'),
  'bus.refuse': act('Message', 'Receive', 'metadata'),
  'bus.rotate_keys': act('Message', 'Modify', 'change'),
  'message.reveal': act('Message', 'Read', 'disclose'),
  'deadletter.add': act('Message', 'Modify', 'metadata'),
  'deadletter.replay': act('Message', 'Send', 'disclose'),
  'deadletter.purge': act('Message', 'Delete', 'destroy'),

  'file.read': act('File', 'Read', 'disclose'),
  'file.write': act('File', 'Write', 'change'),
  'file.delete': act('File', 'Delete', 'destroy'),
  'network.connect': act('Network', 'Connect', 'disclose'),

  'policy.save': act('Policy', 'Modify', 'change'),
  'policy.rollback': act('Policy', 'Modify', 'change'),
  'policy.reload': act('Policy', 'Modify', 'change'),
  'settings.set': act('Settings', 'Modify', 'change'),

  'approval.decide': act('Approval', 'Modify', 'change'),
  'approval.revoke': act('Approval', 'Delete', 'change'),

  'audit.export': act('Audit', 'Export', 'disclose'),
  'audit.archive': act('Audit', 'Modify', 'change'),
  'audit.rotate_key': act('Audit', 'Modify', 'change'),
  'audit.start_new_log': act('Audit', 'Modify', 'change'),
} as const satisfies Record<string, ActionEntry>

export type ActionName = keyof typeof ACTIONS
export type FileAction = Extract<ActionName, `file.${string}`>
export type NetworkAction = Extract<ActionName, `network.${string}`>

/** The acts by which a person decides: a rule that asks for a person has its answer in them already. */
export const DECIDING: ReadonlySet<ActionName> = new Set(['approval.decide', 'approval.revoke'])
