import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { RunLog } from '@/features/agents'
import { type DockedRun, useViewState } from '@/lib/view-state'
import { IconButton } from '@/ui'

/** The log of one run, kept in view while other pages are looked at. */
export function Dock({ run }: { readonly run: DockedRun }) {
  const dock = useViewState((state) => state.dock)
  return (
    <aside aria-label="Docked log" className="flex h-60 shrink-0 flex-col border-t border-line-strong bg-panel">
      <div className="flex h-8 shrink-0 items-center gap-2 border-b border-line bg-frame pr-2 pl-4">
        <Link
          to="/agents/$agentId"
          params={{ agentId: run.agentId }}
          search={{ tab: 'log', run: run.executionId }}
          className="truncate font-medium hover:underline"
        >
          {run.agentName}
        </Link>
        <span className="text-text-3">log</span>
        <IconButton label="Close the dock" className="ml-auto size-6" onPress={() => dock(null)}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      <RunLog key={run.executionId} executionId={run.executionId} label="Docked run log" />
    </aside>
  )
}
