import type { PolicyRuleSummary } from '@contract'
import { plural } from '@/lib/format'
import { EFFECT_LOOKS, EmptyState, StatusBadge } from '@/ui'

function Chips({ name, items }: { readonly name: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null
  return (
    <div className="flex gap-2">
      <dt className="w-18 shrink-0 text-text-3">{name}</dt>
      <dd className="min-w-0 font-mono text-xs leading-5 [overflow-wrap:anywhere]">{items.join(', ')}</dd>
    </div>
  )
}

/** The rules in force, in the order in which they are tried. */
export function RulesTable({ rules }: { readonly rules: readonly PolicyRuleSummary[] }) {
  const ordered = [...rules].sort((a, b) => b.priority - a.priority)
  return (
    <section aria-label="Rules in force" className="flex min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="section-title">{plural(rules.length, 'rule')} in force</h2>
        <span className="ml-auto text-xs text-text-3">highest priority first</span>
      </div>
      {ordered.length === 0 ? (
        <EmptyState title="No rule is in force">Everything is denied until a rule allows it.</EmptyState>
      ) : (
        <section aria-label="Rules" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto">
          <ol>
            {ordered.map((rule) => (
              <li key={`${rule.origin} ${rule.name}`} className="border-b border-line px-4 py-2">
                <div className="flex items-center gap-2">
                  <StatusBadge look={EFFECT_LOOKS[rule.effect]} className="w-14 shrink-0 font-medium" />
                  <span className="min-w-0 truncate font-medium">{rule.name}</span>
                  {rule.mode === 'audit' && <span className="shrink-0 text-xs text-text-3">only watching</span>}
                  <span className="ml-auto text-xs text-text-3">{rule.origin === 'builtin' ? 'built in' : 'file'}</span>
                  <span className="num w-12 text-right text-text-2" title="Priority">
                    {rule.priority}
                  </span>
                </div>
                <dl className="mt-0.5 pl-16 text-xs leading-5">
                  <Chips name="operations" items={rule.operations} />
                  <Chips name="resources" items={rule.resources} />
                  <Chips name="conditions" items={rule.conditions} />
                  <Chips name="reason" items={rule.reason === null ? [] : [rule.reason]} />
                </dl>
              </li>
            ))}
          </ol>
        </section>
      )}
    </section>
  )
}
