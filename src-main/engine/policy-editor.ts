import type { PolicySet, WireError } from '@contract'
import type { Asking } from './agents'
import type { Gate } from './gate'
import type { Policy } from './policy'

/** A person's view of the policy: read, check, save. The gate itself uses the policy, so saving stands beside both. */
export interface PolicyEditor {
  view(): PolicySet
  check(text: string): WireError | null
  /** @throws POLICY_002, POLICY_003 */
  save(asking: Asking, change: { baseHash: string; text: string }): Promise<PolicySet>
}

export const createPolicyEditor = ({ gate, policy }: { gate: Gate; policy: Policy }): PolicyEditor => ({
  view: () => policy.view(),
  check: (text) => policy.check(text),
  async save(asking, { baseHash, text }) {
    await gate.perform(
      {
        ...asking,
        action: 'policy.save',
        resource: { type: 'Policy', path: 'access_policies' },
        operation: 'Modify',
        details: { from: baseHash, bytes: Buffer.byteLength(text) },
      },
      async () => policy.save(baseHash, text),
    )
    return policy.view()
  },
})
