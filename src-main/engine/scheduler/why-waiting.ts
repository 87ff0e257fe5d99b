import type { Item } from './backlog'
import type { Line } from './line'
import type { LiveRuns } from './live-runs'
import type { Placing } from './placing'
import type { QueueEntry } from './types'

/** Why a run of the queue is not started yet: the first thing that keeps it, in words. */
export const whyWaiting = (
  { waiting, state, problem }: Item,
  nowMs: number,
  around: {
    readonly line: Pick<Line, 'running'>
    readonly live: Pick<LiveRuns, 'size'>
    readonly placing: Pick<Placing, 'whyNoRoom'>
    readonly maxConcurrent: number
    readonly mayStart: (entry: QueueEntry) => string | null
  },
): string => {
  const { entry } = waiting
  if (state === 'starting') return 'It is being started.'
  if (state === 'ending') return 'It is being given up.'
  if (state === 'later') return problem === null ? 'Its time has not come.' : `The last try failed: ${problem}`
  const running = around.line.running(entry.agentId)
  if (running >= entry.concurrency)
    return entry.concurrency === 1
      ? 'Another run of the agent is under way.'
      : `${running} runs of the agent are under way, which is the most it may have.`
  const obstacle = around.mayStart(entry)
  if (obstacle !== null) return sentence(obstacle)
  if (around.live.size >= around.maxConcurrent)
    return around.maxConcurrent === 1 ? 'The only place is taken.' : `All ${around.maxConcurrent} places are taken.`
  return around.placing.whyNoRoom(waiting, nowMs) ?? 'Its turn comes.'
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
