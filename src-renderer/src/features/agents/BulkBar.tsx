import type { BulkAct } from '@contract'
import { Pause, Play, SkipForward, Square } from 'lucide-react'
import { formatCount, plural } from '@/lib/format'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, IconButton } from '@/ui'
import { ACTS } from './bulk'
import type { AgentSelection } from './use-selection'

const ICONS = { run: Play, suspend: Pause, resume: SkipForward, stop: Square } as const
const ORDER: readonly BulkAct[] = ['run', 'suspend', 'resume', 'stop']

export interface BulkBarProps {
  readonly selection: AgentSelection
  /** Agents that the filter leaves. */
  readonly matched: number
  /** Beside an open agent there is room for icons only. */
  readonly compact: boolean
  readonly onAct: (act: BulkAct) => void
}

/** How many agents are chosen, and what can be done with them. It takes the place of the filter's second line. */
export function BulkBar({ selection, matched, compact, onAct }: BulkBarProps) {
  const count = selection.ids.size
  useShortcuts([{ keys: 'Escape', label: 'Choose no agent', group: 'Agents', run: selection.clear }])
  return (
    <section
      aria-label="Chosen agents"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-selected px-4 py-1.5"
    >
      <span role="status" className="num font-medium whitespace-nowrap">
        {compact ? `${formatCount(count)} chosen` : `${plural(count, 'agent')} chosen`}
      </span>
      {!compact && count < matched && (
        <Button size="small" variant="ghost" className="text-text!" keyHint="Ctrl A" onPress={selection.chooseAll}>
          Choose all {formatCount(matched)}
        </Button>
      )}
      <span className="ml-auto flex items-center gap-1.5">
        {ORDER.map((act) => {
          const Icon = ICONS[act]
          return compact ? (
            <IconButton key={act} label={`${ACTS[act].verb} ${plural(count, 'agent')}`} onPress={() => onAct(act)}>
              <Icon size={14} aria-hidden />
            </IconButton>
          ) : (
            <Button
              key={act}
              size="small"
              variant={ACTS[act].destructive ? 'danger-quiet' : 'default'}
              icon={<Icon size={12} aria-hidden />}
              aria-label={`${ACTS[act].verb} ${plural(count, 'agent')}`}
              onPress={() => onAct(act)}
            >
              {ACTS[act].verb}
            </Button>
          )
        })}
        {!compact && (
          <Button size="small" variant="ghost" className="text-text!" keyHint="Esc" onPress={selection.clear}>
            Choose none
          </Button>
        )}
      </span>
    </section>
  )
}
