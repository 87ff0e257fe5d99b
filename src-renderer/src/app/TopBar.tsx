import { Link, useCanGoBack, useRouter } from '@tanstack/react-router'
import clsx from 'clsx'
import { ArrowLeft, ArrowRight, CircleHelp, Hand, Search } from 'lucide-react'
import { plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { CHECK_LOOKS, IconButton, Kbd, StateShape, Tooltip } from '@/ui'
import { Breadcrumb } from './Breadcrumb'
import { TaskIndicator } from './TaskIndicator'
import { useHealth } from './use-health'

/** Where one is, how to get elsewhere, and whether something needs a person. */
export function TopBar({ onPalette, onShortcuts }: { onPalette: () => void; onShortcuts: () => void }) {
  const router = useRouter()
  const canGoBack = useCanGoBack()
  const overview = useRead('system.overview', {}).data
  const health = useHealth()
  const waiting = (overview?.pendingReviews ?? 0) + (overview?.changedTools ?? 0)
  const held = overview?.pendingApprovals ?? 0
  const look = CHECK_LOOKS[health.status]
  return (
    <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line bg-frame pr-3 pl-2">
      <IconButton label="Back" isDisabled={!canGoBack} onPress={() => router.history.back()}>
        <ArrowLeft size={16} aria-hidden />
      </IconButton>
      <IconButton label="Forward" onPress={() => router.history.forward()}>
        <ArrowRight size={16} aria-hidden />
      </IconButton>
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-2">
        <button
          type="button"
          onClick={onPalette}
          aria-label="Search or act"
          className="flex h-7 w-60 items-center gap-2 rounded-md border border-line-strong bg-panel px-2 text-text-3 hover:bg-hover"
        >
          <Search size={14} aria-hidden />
          <span className="flex-1 text-left">Search or act</span>
          <Kbd keys="mod+K" />
        </button>
        <TaskIndicator />
        {held > 0 && (
          <Link
            to="/approvals"
            className="flex h-7 items-center gap-1.5 rounded-md px-2 text-wait hover:bg-hover"
            aria-label={`${plural(held, 'approval')} waiting`}
          >
            <Hand size={14} aria-hidden />
            <span className="num font-medium">{held}</span>
            <span className="hidden wide:inline">to approve</span>
          </Link>
        )}
        {waiting > 0 && (
          <Link
            to="/reviews"
            className="flex h-7 items-center gap-1.5 rounded-md px-2 text-wait hover:bg-hover"
            aria-label={`${plural(waiting, 'review')} waiting`}
          >
            <StateShape shape="half" />
            <span className="num font-medium">{waiting}</span>
            <span className="hidden wide:inline">to review</span>
          </Link>
        )}
        <Tooltip text={health.cause}>
          <Link
            to="/doctor"
            aria-label={`Health: ${health.word}. ${health.cause}`}
            className="flex h-7 items-center gap-1.5 rounded-md px-2 text-text-2 hover:bg-hover"
          >
            <StateShape shape={look.shape} className={clsx(look.colour)} />
            <span>{health.word}</span>
          </Link>
        </Tooltip>
        <IconButton label="Shortcuts" keyHint="?" onPress={onShortcuts}>
          <CircleHelp size={16} aria-hidden />
        </IconButton>
      </div>
    </header>
  )
}
