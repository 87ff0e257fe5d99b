import type { ApprovalAdvice } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { usePolicyDraft } from '@/lib/policy-draft'
import type { useRead } from '@/lib/queries'
import { Age, Button, ConsequenceBadge, CopyButton, EmptyState, Loaded, scrollable, UntrustedText } from '@/ui'

function Advised({ advice }: { readonly advice: ApprovalAdvice }) {
  const navigate = useNavigate()
  const propose = usePolicyDraft((state) => state.propose)
  const open = () => {
    propose(advice.ruleText)
    void navigate({ to: '/policies', search: {} })
  }
  return (
    <li className="border-b border-line px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="min-w-0">
          <span className="font-medium">
            You {advice.decided} this <span className="num">{advice.prompts}</span> times in a row:
          </span>{' '}
          {advice.agentName} <span className="font-mono text-xs">{advice.action}</span> on{' '}
          <UntrustedText text={advice.resourcePattern} />
        </p>
        <ConsequenceBadge consequence={advice.consequence} />
        <span className="text-text-3">
          last <Age atMs={advice.lastAtMs} />
        </span>
        <span className="ml-auto flex gap-2">
          <CopyButton text={advice.ruleText} label="Copy rule" className="size-7" />
          <Button onPress={open}>Open in Policies</Button>
        </span>
      </div>
      <section
        aria-label={`Rule for ${advice.agentName} on ${advice.resourcePattern}`}
        {...scrollable}
        className="mt-2 overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2"
      >
        <pre className="font-mono text-xs leading-[18px]">
          <UntrustedText text={advice.ruleText.trimEnd()} />
        </pre>
      </section>
    </li>
  )
}

/** Which rules would have answered the last equal questions, so that people are asked where it matters. */
export function AdvicePanel({ read }: { readonly read: ReturnType<typeof useRead<'approvals.advice'>> }) {
  return (
    <Loaded read={read}>
      {(list) =>
        list.length === 0 ? (
          <EmptyState title="No advice">
            When you answer the same question the same way three times in a row, the rule that would answer it stands
            here.
          </EmptyState>
        ) : (
          <section aria-label="Advice" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]">
            <p className="border-b border-line px-4 py-2 text-text-2">
              Each rule below would have answered these questions without you. Nothing changes until you save it in
              Policies.
            </p>
            <ul>
              {list.map((advice) => (
                <Advised key={`${advice.agentName} ${advice.action} ${advice.resourcePattern}`} advice={advice} />
              ))}
            </ul>
          </section>
        )
      }
    </Loaded>
  )
}
