import type { PolicyExplanation } from '@contract'
import { plural, shortId } from '@/lib/format'
import { EFFECT_LOOKS, Fact, Facts, Notice, StatusBadge, UntrustedText } from '@/ui'

function NearMiss({ miss }: { readonly miss: PolicyExplanation['nearMisses'][number] }) {
  return (
    <li className="border-t border-line py-2">
      <div className="flex items-baseline gap-3">
        <span className="min-w-0 truncate font-medium">{miss.rule}</span>
        <span className="text-text-2">
          would {miss.mode === 'audit' ? 'only report' : 'say'} {EFFECT_LOOKS[miss.effect].word}
        </span>
      </div>
      <table className="mt-1 w-full text-left text-xs">
        <thead className="sr-only">
          <tr>
            <th scope="col">Condition</th>
            <th scope="col">Wanted</th>
            <th scope="col">Was</th>
          </tr>
        </thead>
        <tbody>
          {miss.failed.map((condition) => (
            <tr key={`${condition.key} ${condition.wanted}`} className="align-top">
              <td className="w-32 py-0.5 pr-3 text-text-3">{condition.key}</td>
              <td className="py-0.5 pr-3">
                wants <UntrustedText text={condition.wanted} />
              </td>
              <td className="py-0.5 text-bad">
                was <UntrustedText text={condition.actual} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </li>
  )
}

/** The answer of the policy, why, and what the other rules would have needed. */
export function Explanation({ explanation }: { readonly explanation: PolicyExplanation }) {
  const { decision, nearMisses, names, missed } = explanation
  return (
    <div className="flex flex-col gap-5" data-effect={decision.effect} data-rule={decision.rule ?? ''}>
      <section aria-label="Decision">
        <p className="flex items-baseline gap-3 text-lg">
          <StatusBadge look={EFFECT_LOOKS[decision.effect]} className="font-semibold" />
          <span className="min-w-0 [overflow-wrap:anywhere]">{decision.rule ?? 'no rule'}</span>
        </p>
        <p className="text-text-2">{decision.reason}</p>
      </section>
      {decision.errors.map((error) => (
        <Notice key={error.rule} tone="bad" title={`The rule ${error.rule} failed while it was asked.`}>
          {error.message}
        </Notice>
      ))}
      <Facts>
        <Fact name="Rules that fit">
          {decision.matched.length === 0 ? <span className="text-text-3">none</span> : decision.matched.join(', ')}
        </Fact>
        {decision.limits.length > 0 && (
          <Fact name="Limits">
            {decision.limits.map(({ rule, limit }) => (
              <span key={rule} className="block">
                {rule} <UntrustedText text={JSON.stringify(limit)} />
              </span>
            ))}
          </Fact>
        )}
        {decision.wouldHave.length > 0 && (
          <Fact name="Only watching">
            {decision.wouldHave.map(({ rule, effect }) => `${rule} would say ${EFFECT_LOOKS[effect].word}`).join(', ')}
          </Fact>
        )}
        {decision.obligations.redact.length > 0 && (
          <Fact name="Redacted">
            <span className="font-mono text-xs">{decision.obligations.redact.join(', ')}</span>
          </Fact>
        )}
        <Fact name="Looked up as">
          {names.length === 0 ? (
            <span className="text-text-3">refused before any rule was asked</span>
          ) : (
            <UntrustedText text={names.join(', ')} />
          )}
        </Fact>
        <Fact name="Rules">
          <span className="font-mono text-xs" title={decision.setHash}>
            {shortId(decision.setHash)}
          </span>
        </Fact>
      </Facts>
      <section aria-label="Rules that did not fit">
        <h2 className="section-title mb-1">
          {plural(missed, 'rule')} did not fit
          {nearMisses.length < missed ? `, the ${String(nearMisses.length)} nearest` : ''}
        </h2>
        <ul>
          {nearMisses.map((miss) => (
            <NearMiss key={miss.rule} miss={miss} />
          ))}
        </ul>
      </section>
    </div>
  )
}
