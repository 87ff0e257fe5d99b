import type { AgentState } from '@contract'
import clsx from 'clsx'
import { StateShape } from './StateShape'
import { AGENT_LOOKS, type StateLook } from './states'

export interface StatusBadgeProps {
  readonly look: StateLook
  /** Shape only, for tight rows; the word is then spoken but not shown. */
  readonly compact?: boolean
  readonly className?: string
}

/** A state: colour, shape and word together. */
export function StatusBadge({ look, compact = false, className }: StatusBadgeProps) {
  return (
    <span className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', look.colour, className)}>
      <StateShape shape={look.shape} className="shrink-0" />
      <span className={compact ? 'sr-only' : undefined}>{look.word}</span>
    </span>
  )
}

/** An agent's state; `data-state` carries the exact name. */
export function AgentStateBadge({
  state,
  compact = false,
  className,
}: {
  readonly state: AgentState
  readonly compact?: boolean
  readonly className?: string
}) {
  return (
    <span data-state={state} className={clsx('inline-flex', className)}>
      <StatusBadge look={AGENT_LOOKS[state]} compact={compact} />
    </span>
  )
}
