import clsx from 'clsx'
import { useState } from 'react'
import { useNow } from '@/lib/clock'
import { formatDateTime, formatDuration } from '@/lib/format'
import { AGENT_LOOKS, StateShape } from '@/ui'
import { type Segment, SPANS, type Span, type Stay, spanFor, trackOf } from './state-track'

const SPAN_WORDS = { hour: 'Last hour', day: 'Last day', all: 'All' } as const satisfies Record<Span, string>
const SPAN_ORDER = Object.keys(SPANS) as readonly Span[]

const said = ({ state, fromMs, toMs, reason }: Segment, nowMs: number) =>
  `${AGENT_LOOKS[state].word} for ${formatDuration((toMs ?? nowMs) - fromMs)} from ${formatDateTime(fromMs)}. ${reason}`

/** How long the agent was in which state, drawn to scale up to now. The list below says the same in words. */
export function StateTrack({ stays }: { readonly stays: readonly Stay[] }) {
  const now = useNow()
  const [chosen, setChosen] = useState<Span | null>(null)
  const span = chosen ?? spanFor(stays, now)
  const { fromMs, segments } = trackOf(stays, span, now)
  const states = [...new Set(segments.map(({ state }) => state))]
  return (
    <section aria-label="State track" className="shrink-0 border-b border-line px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
        {states.map((state) => (
          <span key={state} className={clsx('flex items-center gap-1.5', AGENT_LOOKS[state].colour)}>
            <StateShape shape={AGENT_LOOKS[state].shape} />
            {AGENT_LOOKS[state].word}
          </span>
        ))}
        <span className="ml-auto flex gap-1">
          {SPAN_ORDER.map((option) => (
            <button
              key={option}
              type="button"
              aria-pressed={option === span}
              onClick={() => setChosen(option)}
              className={clsx(
                'h-6 rounded-sm px-1.5',
                option === span ? 'bg-active font-medium text-text' : 'text-text-2 hover:bg-hover',
              )}
            >
              {SPAN_WORDS[option]}
            </button>
          ))}
        </span>
      </div>
      <div
        role="img"
        aria-label={`States since ${formatDateTime(fromMs)}, to scale. ${segments.length} in all, the last is ${segments.at(-1)?.state ?? 'not known'}.`}
        className="relative mt-2 h-5 overflow-hidden rounded-sm bg-sunken"
      >
        {segments.map((segment) => (
          <span
            key={segment.seq}
            title={said(segment, now)}
            className={clsx(
              'absolute inset-y-0 min-w-[3px] border-l border-panel bg-current',
              AGENT_LOOKS[segment.state].colour,
            )}
            style={{ left: `${segment.leftPercent}%`, width: `${segment.widthPercent}%` }}
          />
        ))}
      </div>
      <div className="num mt-1 flex justify-between text-xs text-text-3">
        <span>{formatDateTime(fromMs)}</span>
        <span>now</span>
      </div>
    </section>
  )
}
