import type {
  PolicyExplanation,
  PolicyInspection,
  PolicyQuestion,
  PolicyReplay,
  PolicySet,
  PolicyVersion,
  PolicyWhich,
  WireError,
} from '@contract'
import type { Asking } from './agents'
import type { Audit } from './audit'
import { RuntimeError } from './core'
import type { Gate } from './gate'
import { fromRecordedDecision, type Policy, type RecordedDecision } from './policy'

/** A person's view of the policy. The gate itself uses the policy, so what changes it stands beside both. */
export interface PolicyEditor {
  view(): PolicySet
  check(text: string): WireError | null
  inspect(text: string): PolicyInspection
  /** @throws POLICY_002 when the text that is meant is not valid or not kept */
  explain(question: { request: PolicyQuestion; which: PolicyWhich; atMs?: number | undefined }): PolicyExplanation
  /** @throws POLICY_002 */
  replay(question: { which: PolicyWhich; last: number }): Promise<PolicyReplay>
  versions(limit: number): PolicyVersion[]
  /** @throws POLICY_002 */
  versionText(hash: string): string
  /** @throws POLICY_002, POLICY_003 */
  save(asking: Asking, change: { baseHash: string; text: string }): Promise<PolicySet>
  /** @throws POLICY_002, POLICY_003 */
  rollback(asking: Asking, change: { baseHash: string; hash: string }): Promise<PolicySet>
}

const PAGE = 250

/** Decisions that the gate kept in its records, newest first. In pages, so that nothing else waits for it. */
const recordedDecisions = async (audit: Pick<Audit, 'list'>, last: number): Promise<RecordedDecision[]> => {
  const found: RecordedDecision[] = []
  let beforeSeq: number | undefined
  for (;;) {
    const page = audit.list({ filter: {}, beforeSeq, limit: PAGE })
    for (const { details } of page.records) {
      const decision = fromRecordedDecision(details['policy'])
      if (decision !== null) found.push(decision)
      if (found.length === last) return found
    }
    if (page.nextBeforeSeq === null) return found
    beforeSeq = page.nextBeforeSeq
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export const createPolicyEditor = (ports: { gate: Gate; policy: Policy; audit: Pick<Audit, 'list'> }): PolicyEditor => {
  const { gate, policy, audit } = ports

  const versionText = (hash: string): string => {
    const text = policy.versionText(hash)
    if (text === null) throw new RuntimeError('POLICY_002', 'There is no such version of the policy.')
    return text
  }

  return {
    view: () => policy.view(),
    check: (text) => policy.check(text),
    versions: (limit) => policy.versions(limit).map((version) => ({ ...version })),
    versionText,

    inspect(text) {
      const { error, problems, tests } = policy.inspect(text)
      return {
        error,
        problems: [...problems],
        tests: tests.map(({ name, ok, decision: { effect, rule, reason }, problem }) => ({
          name,
          ok,
          decision: { effect, rule, reason },
          problem,
        })),
      }
    },

    explain({ request, which, atMs }) {
      const { decision, names, nearMisses, missed } = policy.explain(request, {
        which,
        ...(atMs === undefined ? {} : { atMs }),
      })
      const { effect, rule, reason, matched, limits, obligations, wouldHave, errors, setHash } = decision
      return {
        decision: {
          effect,
          rule,
          reason,
          matched: [...matched],
          limits: limits.map((applied) => ({
            rule: applied.rule,
            limit: JSON.parse(
              JSON.stringify(applied.limit),
            ) as PolicyExplanation['decision']['limits'][number]['limit'],
          })),
          obligations: { redact: [...obligations.redact], audit: obligations.audit },
          wouldHave: wouldHave.map((other) => ({ ...other })),
          errors: errors.map((other) => ({ ...other })),
          setHash,
        },
        names: [...names],
        nearMisses: nearMisses.map((miss) => ({ ...miss, failed: miss.failed.map((part) => ({ ...part })) })),
        missed,
      }
    },

    async replay({ which, last }) {
      const { replayed, changes } = policy.replay(await recordedDecisions(audit, last), which)
      return {
        replayed,
        changes: changes.map((change) => ({ ...change, request: change.request as PolicyQuestion })),
      }
    },

    async save(asking, { baseHash, text }) {
      await gate.perform(
        {
          ...asking,
          action: 'policy.save',
          resource: 'access_policies',
          arguments: { from: baseHash, text },
          details: { from: baseHash, bytes: Buffer.byteLength(text) },
        },
        async () => policy.save(baseHash, text, { origin: 'console', by: asking.caller.id }),
      )
      return policy.view()
    },

    async rollback(asking, { baseHash, hash }) {
      await gate.perform(
        {
          ...asking,
          action: 'policy.rollback',
          resource: 'access_policies',
          arguments: { from: baseHash, to: hash },
          details: { from: baseHash, to: hash },
        },
        async () => policy.rollback(baseHash, hash, asking.caller.id),
      )
      return policy.view()
    },
  }
}
