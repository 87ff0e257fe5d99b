import { LoaderCircle } from 'lucide-react'
import { formatCount, plural } from '@/lib/format'
import { Button } from '@/ui'
import type { ScanProgress } from './scan'

export interface ScanNoticeProps {
  readonly scan: ScanProgress
  readonly onStop: () => void
  readonly onMore: () => void
}

/**
 * How far the filter looked. "No match yet" and "no match" are never the same words; what was stopped can go on. Says
 * nothing while every message fits, because then the list speaks for itself.
 */
export function ScanNotice({ scan, onStop, onMore }: ScanNoticeProps) {
  const { state, looked, found, sparse } = scan
  if (!sparse) return null
  const seen = `${plural(found, 'match', 'matches')} in ${formatCount(looked)} looked at`
  return (
    <div
      data-scan={state}
      className="flex min-h-8 shrink-0 items-center gap-2 border-b border-line bg-sunken px-4 py-1 text-xs text-text-2"
    >
      {state === 'looking' && <LoaderCircle size={13} className="spin shrink-0 text-accent" aria-hidden />}
      <span role="status" className="num min-w-0 truncate">
        {state === 'looking'
          ? `Still filtering: ${seen}`
          : state === 'stopped'
            ? `Stopped: ${seen}; there are older messages`
            : state === 'end'
              ? `Filtered to the oldest message: ${seen}`
              : state === 'full'
                ? `${seen}; scroll down for more`
                : `Filtering failed: ${seen}`}
      </span>
      {state === 'looking' && (
        <Button size="small" className="ml-auto" onPress={onStop}>
          Stop
        </Button>
      )}
      {(state === 'stopped' || state === 'failed') && (
        <Button size="small" className="ml-auto" onPress={onMore}>
          {state === 'stopped' ? 'Go on' : 'Retry'}
        </Button>
      )}
    </div>
  )
}
