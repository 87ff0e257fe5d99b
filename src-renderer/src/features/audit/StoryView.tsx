import { Link } from '@tanstack/react-router'
import { Bot, CircleDot, Database, Hand, KeyRound, type LucideIcon, Mail, Wrench } from 'lucide-react'
import { useMemo } from 'react'
import { formatCount, formatDateTime, formatDuration, plural, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { APPROVAL_LOOKS, EFFECT_LOOKS, EmptyState, Loaded, OUTCOME_LOOKS, StatusBadge, UntrustedText } from '@/ui'
import { type Lane, type StoryStep, storyOf } from './story'

/** The most of one id that are told; a run that did more is looked at in the list. */
const MOST = 500

const LANES = {
  run: { word: 'Run', icon: Bot },
  approval: { word: 'Approval', icon: Hand },
  tool: { word: 'Tool', icon: Wrench },
  secret: { word: 'Secret', icon: KeyRound },
  memory: { word: 'Memory', icon: Database },
  message: { word: 'Message', icon: Mail },
  other: { word: 'Other', icon: CircleDot },
} as const satisfies Record<Lane, { word: string; icon: LucideIcon }>

const isEffect = (effect: string): effect is keyof typeof EFFECT_LOOKS => effect in EFFECT_LOOKS

/** What a person said: their decision is an act of its own, under another correlation id, so it is read from the queue. */
function Approval({ id }: { readonly id: string }) {
  const approval = useRead('approvals.get', { id }).data
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <Link
        to="/approvals/$approvalId"
        params={{ approvalId: id }}
        search={approval?.status === 'pending' ? {} : { tab: 'history' }}
        className="text-accent underline underline-offset-2"
      >
        Approval <span className="font-mono">{shortId(id)}</span>
      </Link>
      {approval !== undefined && <StatusBadge look={APPROVAL_LOOKS[approval.status]} />}
      {approval?.decision != null && (
        <span className="truncate">
          by {approval.decision.by.kind}
          {approval.decision.reason === null ? '' : `: ${approval.decision.reason}`}
        </span>
      )}
    </span>
  )
}

interface StepProps {
  readonly step: StoryStep
  readonly selected: boolean
  readonly onSelect: (seq: number) => void
}

function Step({ step, selected, onSelect }: StepProps) {
  const { record, policy } = step
  const lane = LANES[step.lane]
  return (
    <li
      data-lane={step.lane}
      className={selected ? 'border-b border-line bg-selected' : 'border-b border-line hover:bg-hover'}
    >
      <button
        type="button"
        onClick={() => onSelect(record.seq)}
        aria-label={`Record ${String(record.seq)}`}
        className="grid w-full grid-cols-[5.5rem_6rem_5.5rem_minmax(7rem,10rem)_minmax(0,1fr)_auto] items-center gap-3 px-4 py-1.5 text-left outline-offset-[-2px]"
      >
        <span className="num text-right text-xs text-text-3">+{formatDuration(step.sinceStartMs)}</span>
        <span className="flex items-center gap-1.5 text-text-2">
          <lane.icon size={14} aria-hidden />
          {lane.word}
        </span>
        <StatusBadge look={OUTCOME_LOOKS[record.outcome]} />
        <span className="truncate font-mono text-xs">{record.action}</span>
        <span className="truncate">
          <UntrustedText text={record.resource} />
        </span>
        <span className="font-mono text-xs text-text-3">{record.code ?? ''}</span>
      </button>
      {(policy !== null || step.approvalId !== null || step.grantId !== null) && (
        <p className="flex flex-wrap items-center gap-x-4 gap-y-0.5 pr-4 pb-1.5 pl-[12.5rem] text-xs text-text-2">
          {policy !== null && (
            <span className="flex items-center gap-1.5">
              Policy{' '}
              {isEffect(policy.effect) ? (
                <StatusBadge look={EFFECT_LOOKS[policy.effect]} />
              ) : (
                <span>{policy.effect}</span>
              )}
              <span className="text-text-3">{policy.rule ?? 'no rule'}</span>
            </span>
          )}
          {step.approvalId !== null && <Approval id={step.approvalId} />}
          {step.grantId !== null && (
            <span>
              by grant <span className="font-mono">{shortId(step.grantId)}</span>
            </span>
          )}
          {step.digest !== null && (
            <span>
              digest <span className="font-mono">{shortId(step.digest)}</span>
            </span>
          )}
        </p>
      )}
    </li>
  )
}

export interface StoryViewProps {
  readonly correlationId: string
  readonly selectedSeq: number | null
  readonly onSelect: (seq: number) => void
}

/** One correlation id told in the order of time: run, policy decisions, approvals, tool calls and secrets together. */
export function StoryView({ correlationId, selectedSeq, onSelect }: StoryViewProps) {
  const read = useRead('audit.list', { filter: { correlationId }, limit: MOST })
  const steps = useMemo(() => storyOf(read.data?.records ?? []), [read.data])
  const [first] = steps
  return (
    <Loaded read={read}>
      {({ total }) =>
        first === undefined ? (
          <EmptyState title="Nothing is recorded under this id">It may be older than what is kept.</EmptyState>
        ) : (
          <section aria-label="Story" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]">
            <p className="num border-b border-line px-4 py-2 text-text-2">
              {plural(steps.length, 'record')} from {formatDateTime(first.record.atMs)} on
              {total > steps.length && `, the newest of ${formatCount(total)}`}
            </p>
            <ol>
              {steps.map((step) => (
                <Step
                  key={step.record.seq}
                  step={step}
                  selected={step.record.seq === selectedSeq}
                  onSelect={onSelect}
                />
              ))}
            </ol>
          </section>
        )
      }
    </Loaded>
  )
}
