import type { AgentDetail } from '@contract'
import { Button, EmptyState } from '@/ui'

/** An agent that never ran. */
export function NoRuns({ agent, onRun }: { readonly agent: AgentDetail; readonly onRun: () => void }) {
  if (agent.mode === 'external')
    return (
      <EmptyState title="It runs elsewhere">
        An external agent is not started from here. It reports with a heartbeat, and the timeline shows when it was
        reachable.
      </EmptyState>
    )
  return (
    <EmptyState
      title="It has not run yet"
      action={
        agent.actions.includes('run') ? (
          <Button variant="primary" onPress={onRun}>
            Start it
          </Button>
        ) : undefined
      }
    >
      {agent.actions.includes('run')
        ? 'Its log, charts and results appear here while it runs.'
        : 'It is retired, so it cannot run. Duplicate it to run the same definition.'}
    </EmptyState>
  )
}
