import type { Consequence } from '@contract'
import clsx from 'clsx'
import { StateShape } from './StateShape'
import { CONSEQUENCE_LOOKS } from './states'

export interface ConsequenceBadgeProps {
  readonly consequence: Consequence
  /** Say in words what it means. */
  readonly explained?: boolean
  readonly className?: string
}

/** What an act can lead to: colour, shape and word together. */
export function ConsequenceBadge({ consequence, explained = false, className }: ConsequenceBadgeProps) {
  const look = CONSEQUENCE_LOOKS[consequence]
  return (
    <span
      data-consequence={consequence}
      className={clsx('inline-flex items-center gap-1.5 whitespace-nowrap', look.colour, className)}
    >
      <StateShape shape={look.shape} className="shrink-0" />
      <span>{look.word}</span>
      {explained && <span className="font-normal text-text-2">{look.gloss}</span>}
    </span>
  )
}
