import type { ApprovalDetail } from '@contract'
import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { formatBytes, formatClockMs, formatDateTime, formatMinutes, plural, shortId } from '@/lib/format'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Age, CopyButton, Fact, Facts, JsonView, Notice, OUTCOME_LOOKS, StatusBadge, TIERS, UntrustedText } from '@/ui'
import { SCOPE_WORDS } from './triage'

/** Go to the next hidden character inside, round and round. */
const showNextHidden = (inside: HTMLElement | null): void => {
  const marks = [...(inside?.querySelectorAll<HTMLElement>('mark.hidden-character') ?? [])]
  if (marks.length === 0) return
  const current = marks.findIndex((mark) => mark.dataset['current'] !== undefined)
  for (const mark of marks) delete mark.dataset['current']
  const next = marks[(current + 1) % marks.length]
  if (next === undefined) return
  next.dataset['current'] = ''
  next.scrollIntoView({ block: 'center' })
}

function Decision({ approval }: { readonly approval: ApprovalDetail }) {
  const { decision, result } = approval
  if (decision === null) return null
  return (
    <section aria-label="Decision" className="min-w-0">
      <h3 className="section-title mb-1.5">What became of it</h3>
      <Facts>
        <Fact name="Decided by">
          {decision.by.kind} {decision.by.id === decision.by.kind ? '' : decision.by.id}, <Age atMs={decision.atMs} />
        </Fact>
        {decision.scope !== null && (
          <Fact name="Scope">
            {SCOPE_WORDS[decision.scope]}
            {decision.minutes !== null && `, ${formatMinutes(decision.minutes)}`}
          </Fact>
        )}
        <Fact name="Reason">
          {decision.reason === null ? <span className="text-text-3">none given</span> : decision.reason}
        </Fact>
        {result !== null && (
          <Fact name="Result">
            {result.outcome === 'unknown' ? (
              'not known: the engine ended before it could be recorded'
            ) : (
              <span className="flex items-center gap-2">
                <StatusBadge look={OUTCOME_LOOKS[result.outcome]} />
                {result.code !== null && <span className="font-mono text-xs text-text-3">{result.code}</span>}
                <Age atMs={result.atMs} className="num text-text-3" />
              </span>
            )}
          </Fact>
        )}
      </Facts>
    </section>
  )
}

function Recent({ recent }: { readonly recent: ApprovalDetail['recent'] }) {
  return (
    <section aria-label="Recent acts" className="min-w-0">
      <h3 className="section-title mb-1">Just before, in the same run</h3>
      {recent.length === 0 ? (
        <p className="text-text-3">Nothing: this is the first.</p>
      ) : (
        <ol>
          {recent.map((act) => (
            <li
              key={act.seq}
              className="grid grid-cols-[6rem_5.5rem_minmax(6rem,auto)_minmax(0,1fr)_auto] items-center gap-3 border-t border-line py-1"
            >
              <span className="num text-xs text-text-3">{formatClockMs(act.atMs)}</span>
              {act.outcome in OUTCOME_LOOKS ? (
                <StatusBadge look={OUTCOME_LOOKS[act.outcome as keyof typeof OUTCOME_LOOKS]} className="text-xs" />
              ) : (
                <span className="text-xs">{act.outcome}</span>
              )}
              <span className="font-mono text-xs">{act.action}</span>
              <span className="truncate">
                <UntrustedText text={act.resource} />
              </span>
              <span className="font-mono text-xs text-text-3">{act.code ?? ''}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** Everything that is known about one request. */
export function RequestFacts({ approval }: { readonly approval: ApprovalDetail }) {
  const body = useRef<HTMLElement>(null)
  const { who, hiddenCharacters } = approval
  useShortcuts([
    { keys: 'h', label: 'Next hidden character', group: 'Approvals', run: () => showNextHidden(body.current) },
  ])
  return (
    <section
      ref={body}
      aria-label="What is asked"
      tabIndex={0}
      className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-4 py-3 outline-offset-[-2px]"
    >
      <Decision approval={approval} />
      {hiddenCharacters.length > 0 && (
        <Notice
          tone="bad"
          title={`${plural(hiddenCharacters.length, 'hidden or misleading character')} in this request`}
        >
          <p>They are named where they stand below; H goes to the next one.</p>
          <ul className="mt-1 max-h-28 overflow-y-auto font-mono text-xs">
            {hiddenCharacters.map((found, index) => (
              <li key={`${found.pointer} ${found.codePoint} ${String(index)}`}>
                {found.codePoint} {found.name} at <UntrustedText text={found.pointer} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <section className="min-w-0">
        <h3 className="section-title mb-1.5">
          Arguments, written by the {who.kind === 'agent' ? 'agent' : 'person'},{' '}
          <span className="num">{formatBytes(approval.argumentsBytes)}</span>
        </h3>
        <JsonView value={approval.arguments} label="Arguments" className="border-l-2 border-l-line-strong" />
      </section>
      <div className="grid gap-5 min-[60rem]:grid-cols-2">
        <section aria-label="Who" className="min-w-0">
          <h3 className="section-title mb-1.5">Who, as the engine attests</h3>
          <Facts>
            <Fact name={who.kind === 'agent' ? 'Agent' : 'Person'}>
              {who.kind === 'agent' ? (
                <Link
                  to="/agents/$agentId"
                  params={{ agentId: who.id }}
                  className="font-medium text-accent underline underline-offset-2"
                >
                  {who.name}
                </Link>
              ) : (
                <>
                  {who.name} <span className="text-text-3">({who.kind})</span>
                </>
              )}
            </Fact>
            {who.executionId !== null && (
              <Fact name="Run">
                <span className="font-mono text-xs">{shortId(who.executionId)}</span>
              </Fact>
            )}
            {who.tier !== null && (
              <Fact name="Walls">
                {TIERS[who.tier].name} <span className="text-text-2">{TIERS[who.tier].wall}</span>
              </Fact>
            )}
            <Fact name="Asked">
              <span className="num">{formatDateTime(approval.createdAtMs)}</span>
            </Fact>
            <Fact name="Correlation">
              <Link
                to="/audit"
                search={{ correlationId: approval.correlationId, view: 'story' }}
                className="font-mono text-xs text-accent underline underline-offset-2"
              >
                {shortId(approval.correlationId)}
              </Link>
            </Fact>
          </Facts>
        </section>
        <section aria-label="Why" className="min-w-0">
          <h3 className="section-title mb-1.5">Why you are asked</h3>
          <Facts>
            <Fact name="Reason">{approval.why}</Fact>
            <Fact name="Rule">
              {approval.rule === null ? (
                <span className="text-text-3">cannot be named</span>
              ) : (
                <span className="font-mono text-xs">{approval.rule}</span>
              )}
            </Fact>
            <Fact name="Policy">
              <span className="font-mono text-xs" title={approval.policySet}>
                {shortId(approval.policySet)}
              </span>
            </Fact>
            <Fact name="Is a">
              {approval.operation} on {approval.resourceType}
            </Fact>
            <Fact name="Digest">
              <span className="flex items-start gap-1">
                <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]" data-testid="digest">
                  {approval.digest}
                </span>
                <CopyButton text={approval.digest} label="Copy the digest" className="-my-0.5 size-6" />
              </span>
            </Fact>
          </Facts>
        </section>
      </div>
      <Recent recent={approval.recent} />
    </section>
  )
}
