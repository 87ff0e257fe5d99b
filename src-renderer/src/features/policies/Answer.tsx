import type { PolicyEffect } from '@contract'
import { EFFECT_LOOKS, StatusBadge } from '@/ui'

/** An answer of the policy: its effect and the rule that gave it. */
export function Answer({
  answer,
}: {
  readonly answer: { readonly effect: PolicyEffect; readonly rule: string | null }
}) {
  return (
    <span className="inline-flex min-w-0 items-baseline gap-2">
      <StatusBadge look={EFFECT_LOOKS[answer.effect]} className="w-16 shrink-0 font-medium" />
      <span className="truncate text-text-2">{answer.rule ?? 'no rule: denied by default'}</span>
    </span>
  )
}
