import { engineCaller, type Log, messageOf, type NewId, RuntimeError } from './core'
import type { Gate } from './gate'
import type { PolicyChange } from './policy'

/** Leave in the audit trail that other rules came into force, or that a file was refused and why. */
export const recordPolicyChange = (ports: { gate: Gate; newId: NewId; log: Log }, change: PolicyChange): void => {
  const { gate, newId, log } = ports
  const request = {
    caller: engineCaller('policy'),
    correlationId: newId<Parameters<Gate['commit']>[0]['correlationId']>(),
    accountOf: 'fact' as const,
    action: 'policy.reload' as const,
    resource: 'access_policies',
  }
  const unwritten = (error: unknown): void =>
    log.error({ reason: messageOf(error) }, 'a change of the policy could not be recorded')
  if (change.kind === 'activated') {
    const { setHash, previousHash, rules, author } = change
    gate
      .commit(
        { ...request, details: { setHash, previousHash, rules, origin: author.origin, by: author.by } },
        () => undefined,
      )
      .catch(unwritten)
    return
  }
  const refused = new RuntimeError(change.error.code, change.error.message)
  gate
    .perform({ ...request, details: { textHash: change.textHash, ...change.error.details } }, () =>
      Promise.reject(refused),
    )
    .catch((error: unknown) => {
      if (error !== refused) unwritten(error)
    })
}
