import type { AgentId, BulkAct, CallOutput, WireError } from '@contract'
import { formatCount, plural } from '@/lib/format'

/** As many agents as the engine acts on in one call. */
export const BULK_MOST = 5_000

export type BulkOutcome = CallOutput<'agents.bulk'>

export interface ActWords {
  /** On the button. */
  readonly verb: string
  /** What became of those that it worked for. */
  readonly done: string
  /** What happens, before it is done; `n` agents, as words. */
  readonly consequence: (count: number) => string
  readonly destructive: boolean
}

const they = (count: number, one: string, many: string) => (count === 1 ? one : many)

/** What each act means, in words. */
export const ACTS = {
  run: {
    verb: 'Run',
    done: 'asked to run',
    consequence: (count) =>
      `${they(count, 'A run is', 'A run of each is')} put into the queue, without an input. ${they(count, 'It starts', 'They start')} as places become free, the most urgent first.`,
    destructive: false,
  },
  suspend: {
    verb: 'Suspend',
    done: 'suspended',
    consequence: (count) =>
      `${they(count, 'Its present run stands', 'Their present runs stand')} still where ${they(count, 'it is', 'they are')}, and nothing new starts until you resume ${they(count, 'it', 'them')}. Nothing is lost.`,
    destructive: false,
  },
  resume: {
    verb: 'Resume',
    done: 'resumed',
    consequence: (count) => `What was suspended goes on where it stood. ${they(count, 'It', 'Each')} can be run again.`,
    destructive: false,
  },
  stop: {
    verb: 'Stop',
    done: 'stopped',
    consequence: (count) =>
      `${they(count, 'Its present run ends', 'Their present runs end')}, what waits in the queue is called off, and ${they(count, 'it is', 'they are')} retired: ${they(count, 'it', 'they')} cannot run again. Logs, runs and audit records are kept. This cannot be undone.`,
    destructive: true,
  },
} as const satisfies Record<BulkAct, ActWords>

/** The agents in as many calls as the engine needs. */
export const callsOf = (ids: readonly AgentId[]): readonly (readonly AgentId[])[] => {
  const calls: AgentId[][] = []
  for (let from = 0; from < ids.length; from += BULK_MOST) calls.push(ids.slice(from, from + BULK_MOST))
  return calls
}

/** What several calls came to, as if it had been one. */
export const together = (outcomes: readonly BulkOutcome[]): BulkOutcome => ({
  done: outcomes.reduce((sum, { done }) => sum + done, 0),
  failed: outcomes.flatMap(({ failed }) => failed),
})

export interface FailureGroup {
  readonly error: WireError
  readonly agents: readonly { readonly id: AgentId; readonly name: string }[]
}

/** Equal failures under one code, the most frequent first. */
export const groupedFailures = ({ failed }: BulkOutcome): readonly FailureGroup[] => {
  const groups = new Map<string, { error: WireError; agents: { id: AgentId; name: string }[] }>()
  for (const { id, name, error } of failed) {
    const key = `${error.code} ${error.nextStep}`
    const group = groups.get(key) ?? { error, agents: [] }
    group.agents.push({ id, name })
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => b.agents.length - a.agents.length)
}

/** "Stopped 311 agents.", "Suspended 3 of 5 agents." */
export const outcomeSentence = (act: BulkAct, { done, failed }: BulkOutcome): string => {
  const all = done + failed.length
  const word = ACTS[act].done
  if (failed.length === 0) return `${plural(done, 'agent')} ${done === 1 ? 'is' : 'are'} ${word}.`
  return `${formatCount(done)} of ${plural(all, 'agent')} ${done === 1 ? 'is' : 'are'} ${word}, ${formatCount(failed.length)} could not be.`
}
