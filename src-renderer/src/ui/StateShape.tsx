import type { ReactElement } from 'react'

export type ShapeName =
  | 'play'
  | 'half'
  | 'ring'
  | 'bars'
  | 'cross'
  | 'check'
  | 'square'
  | 'dotted'
  | 'quarter'
  | 'hollow-square'
  | 'broken'
  | 'triangle'
  | 'diamond'
  | 'outward'
  | 'octagon'

const SHAPES: Record<ShapeName, ReactElement> = {
  play: <path d="M3 1.6 10.6 6 3 10.4Z" fill="currentColor" />,
  half: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.75a4.25 4.25 0 0 0 0 8.5Z" fill="currentColor" />
    </>
  ),
  ring: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  bars: <path d="M3.4 1.8v8.4M8.6 1.8v8.4" stroke="currentColor" strokeWidth="2" />,
  cross: <path d="m2.2 2.2 7.6 7.6m0-7.6L2.2 9.8" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
  check: (
    <path
      d="m1.8 6.4 2.8 2.9 5.6-6.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  square: <rect x="2.75" y="2.75" width="6.5" height="6.5" rx="0.5" fill="currentColor" />,
  dotted: (
    <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="1.6 1.74" />
  ),
  quarter: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 6V1.75A4.25 4.25 0 0 1 10.25 6Z" fill="currentColor" />
    </>
  ),
  'hollow-square': <rect x="2.5" y="2.5" width="7" height="7" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  broken: (
    <path
      d="M4.2 2.15a4.25 4.25 0 0 0 0 7.7M7.8 2.15a4.25 4.25 0 0 1 0 7.7"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
    />
  ),
  triangle: <path d="M6 1.5 11 10.4H1Z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />,
  diamond: (
    <path d="M6 1.4 10.6 6 6 10.6 1.4 6Z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
  ),
  outward: (
    <path
      d="M2 10 9.6 2.4M4.2 2h5.8v5.8"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  octagon: <path d="M3.9 1h4.2L11 3.9v4.2L8.1 11H3.9L1 8.1V3.9Z" fill="currentColor" />,
}

/** The shape half of "shape, colour and word". Always stands beside its word. */
export function StateShape({ shape, className }: { readonly shape: ShapeName; readonly className?: string }) {
  return (
    <svg viewBox="0 0 12 12" width="11" height="11" aria-hidden="true" className={className} data-shape={shape}>
      {SHAPES[shape]}
    </svg>
  )
}
