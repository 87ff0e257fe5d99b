import type { AgentDetail } from '@contract'
import { PanelBottom } from 'lucide-react'
import { useViewState } from '@/lib/view-state'
import { IconButton, Loaded } from '@/ui'
import { NoRuns } from './NoRuns'
import { RunLog } from './RunLog'
import { RunPicker } from './RunPicker'
import { RunResult } from './RunResult'
import { followKey, useChosenRun } from './use-chosen-run'

export interface RunTabProps {
  readonly agent: AgentDetail
  readonly runId: string | undefined
  readonly onRun: () => void
}

/** The log of the chosen run. */
export function LogTab({ agent, runId, onRun }: RunTabProps) {
  const { read, chosen } = useChosenRun(agent.id, runId)
  const dock = useViewState((state) => state.dock)
  return (
    <Loaded read={read}>
      {(runs) =>
        chosen === undefined ? (
          <NoRuns agent={agent} onRun={onRun} />
        ) : (
          <>
            <RunResult agent={agent} run={chosen} />
            <RunLog
              key={followKey(chosen)}
              executionId={chosen.id}
              waits={chosen.state === 'queued'}
              tools={
                <>
                  <RunPicker runs={runs} chosen={chosen} />
                  <IconButton
                    label="Keep this log in the dock"
                    onPress={() => dock({ executionId: chosen.id, agentId: agent.id, agentName: agent.name })}
                  >
                    <PanelBottom size={16} aria-hidden />
                  </IconButton>
                </>
              }
            />
          </>
        )
      }
    </Loaded>
  )
}
