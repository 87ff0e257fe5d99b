import type { AgentId, CorrelationId, ExecutionId } from '@contract'
import { createIds, silentLog } from '../core'
import { setUp } from '../gate/fixtures/set-up'
import { createRecovery, type RecoveryRules } from './recovery'
import type { Failure } from './types'

export const RULES: RecoveryRules = {
  restartsAgents: true,
  recovers: true,
  maxRestartAttempts: 3,
  maxRecoveryAttempts: 2,
  backoffMs: 1_000,
  backoffMaxMs: 60_000,
  resetMs: 300_000,
  historyLimit: 1_000,
  windowMs: 300_000,
  escalationThreshold: 5,
}

/** Recovery on a real gate, trail and database; the chance is always one half. */
export const openRecovery = (rules: Partial<RecoveryRules> = {}, where?: { readonly dir: string }) => {
  const base = setUp(undefined, undefined, where)
  const told: { title: string; text: string }[] = []
  base.events.subscribe(({ topic, payload }) => {
    if (topic === 'recovery.escalated') told.push(payload as { title: string; text: string })
  })
  const recovery = createRecovery({ ...base, log: silentLog, random: () => 0.5, rules: { ...RULES, ...rules } })
  return {
    ...base,
    recovery,
    told,
    /** Decide in a transaction of its own, and wait until what follows from it is written. */
    async decide(failure: Failure) {
      const decision = await base.store.write((tx) => recovery.decide(tx, failure))
      await base.store.write(() => undefined)
      await base.store.write(() => undefined)
      return decision
    },
  }
}

/** A crash of a persistent agent, unless told otherwise. */
export const failureOf = (facts: Partial<Failure> = {}): Failure => ({
  agentId: '00000000-0000-7000-8000-0000000000aa' as AgentId,
  agentName: 'hello',
  executionId: newExecutionId(),
  correlationId: '00000000-0000-7000-8000-000000000001' as CorrelationId,
  mode: 'persistent',
  cause: 'program-error',
  code: 'RUN_001',
  message: 'The program ended with exit code 1.',
  started: true,
  attempt: 1,
  backend: null,
  ...facts,
})

const newId = createIds({ nowMs: () => 0 } as Parameters<typeof createIds>[0])
export const newExecutionId = (): ExecutionId => newId<ExecutionId>()
