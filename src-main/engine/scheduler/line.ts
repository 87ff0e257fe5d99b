import type { AgentId, BackendId, ExecutionId, ResourceLimits, SecurityTier } from '@contract'
import { createOrdered, type Ordered } from './ordered'
import type { QueueEntry } from './types'
import { byUrgency, firstInFirstOut, LEVELS, type Level, levelOf, type Ranked, sinceOf } from './urgency'

/** A run that waits, with what the order goes by. Its place in the order is never changed: it is taken out and put back. */
export interface Waiting extends Ranked {
  readonly entry: QueueEntry
}

export const toWaiting = (entry: QueueEntry, seq: number): Waiting => ({
  entry,
  seq,
  level: levelOf(entry.priority),
  sinceMs: sinceOf(entry),
})

/** What runs of one lane have in common: where one of them finds no room, none does. */
export interface Demand {
  readonly tier: SecurityTier
  readonly limits: ResourceLimits
  readonly avoid: BackendId | null
}

/** Runs that are due, in the order in which they are looked at. Everything costs O(log n) at most. */
export interface Line {
  readonly size: number
  add(waiting: Waiting): void
  remove(waiting: Waiting): void
  /** The most urgent run that nothing is known to keep from starting. */
  best(nowMs: number): Waiting | undefined
  /** Runs that ask for the same as this one found no room: pass them by until {@link reopen}. */
  closeLane(of: Waiting): void
  /** Takes back at most so many lanes; true when there are more. */
  reopen(most: number): boolean
  /** So many runs of the agent are under way. */
  setRunning(agentId: AgentId, running: number): void
  running(agentId: AgentId): number
  /** The agent may not start now: pass its runs by until it is let go. */
  hold(agentId: AgentId): void
  letGo(agentId: AgentId): void
  /** At most so many of them. */
  held(most: number): readonly AgentId[]
  /** Whether its agent keeps it from starting. */
  isParked(waiting: Waiting): boolean
  /** All runs of one level, whatever keeps them. */
  readonly byLevel: readonly Ordered<Waiting>[]
}

/** Runs of one agent that ask for the same at the same level: while it may not start, none of them is looked at. */
interface Strand {
  readonly lane: Lane
  readonly agent: AgentLine
  readonly level: Level
  readonly concurrency: number
  readonly runs: Ordered<Waiting>
  node: StrandNode | undefined
}

interface StrandNode {
  readonly strand: Strand
  readonly head: Waiting
}

interface Lane {
  readonly key: string
  readonly strands: readonly Ordered<StrandNode>[]
  readonly nodes: (LaneNode | undefined)[]
  strandCount: number
  isClosed: boolean
}

interface LaneNode {
  readonly lane: Lane
  readonly head: Waiting
}

interface AgentLine {
  readonly id: AgentId
  readonly strands: Map<string, Strand>
  running: number
  isHeld: boolean
}

const byHead = (a: { readonly head: Waiting }, b: { readonly head: Waiting }): number => firstInFirstOut(a.head, b.head)

const laneKeyOf = ({ tier, limits, avoid }: QueueEntry): string =>
  `${tier} ${limits.memoryMb} ${limits.cpuCores} ${limits.diskIoMbps} ${limits.networkIoMbps} ${avoid ?? ''}`

/**
 * Three levels of sorted lists: runs of one agent and kind, such strands in lanes of one demand, lanes by level. Each
 * shows only its first to the next, so whatever keeps many runs from starting (their agent, their demand) takes one step
 * to leave out and one to take back, and within a level first in, first out is also most urgent first, whatever the
 * time: the most urgent of all is the best of four.
 */
export const createLine = (ageingIntervalMs: number): Line => {
  const byLevel = LEVELS.map(() => createOrdered<Waiting>(firstInFirstOut))
  const heads = LEVELS.map(() => createOrdered<LaneNode>(byHead))
  const lanes = new Map<string, Lane>()
  const closed = new Set<Lane>()
  const agents = new Map<AgentId, AgentLine>()
  const heldAgents = new Set<AgentId>()
  const strandOf = new Map<ExecutionId, Strand>()

  const agentOf = (id: AgentId): AgentLine => {
    const known = agents.get(id)
    if (known !== undefined) return known
    const made: AgentLine = { id, strands: new Map(), running: 0, isHeld: false }
    agents.set(id, made)
    return made
  }

  const laneOf = (entry: QueueEntry): Lane => {
    const key = laneKeyOf(entry)
    const known = lanes.get(key)
    if (known !== undefined) return known
    const made: Lane = {
      key,
      strands: LEVELS.map(() => createOrdered<StrandNode>(byHead)),
      nodes: LEVELS.map(() => undefined),
      strandCount: 0,
      isClosed: false,
    }
    lanes.set(key, made)
    return made
  }

  const refreshLane = (lane: Lane, level: Level): void => {
    const head = lane.isClosed ? undefined : lane.strands[level]?.first()?.head
    const node = lane.nodes[level]
    if (node?.head === head) return
    if (node !== undefined) heads[level]?.remove(node)
    lane.nodes[level] = head === undefined ? undefined : { lane, head }
    const next = lane.nodes[level]
    if (next !== undefined) heads[level]?.add(next)
  }

  const refreshStrand = (strand: Strand): void => {
    const { lane, agent, level } = strand
    const isParked = agent.isHeld || agent.running >= strand.concurrency
    const head = isParked ? undefined : strand.runs.first()
    if (strand.node?.head === head) return
    if (strand.node !== undefined) lane.strands[level]?.remove(strand.node)
    strand.node = head === undefined ? undefined : { strand, head }
    if (strand.node !== undefined) lane.strands[level]?.add(strand.node)
    refreshLane(lane, level)
  }

  const refreshAgent = (agent: AgentLine): void => {
    for (const strand of agent.strands.values()) refreshStrand(strand)
    if (agent.strands.size === 0 && agent.running === 0 && !agent.isHeld) agents.delete(agent.id)
  }

  const strandKeyOf = (lane: Lane, waiting: Waiting): string =>
    `${waiting.level} ${waiting.entry.concurrency} ${lane.key}`

  const strandFor = (waiting: Waiting): Strand => {
    const lane = laneOf(waiting.entry)
    const agent = agentOf(waiting.entry.agentId)
    const key = strandKeyOf(lane, waiting)
    const known = agent.strands.get(key)
    if (known !== undefined) return known
    const made: Strand = {
      lane,
      agent,
      level: waiting.level,
      concurrency: waiting.entry.concurrency,
      runs: createOrdered<Waiting>(firstInFirstOut),
      node: undefined,
    }
    agent.strands.set(key, made)
    lane.strandCount += 1
    return made
  }

  const forget = (strand: Strand, key: string): void => {
    const { agent, lane } = strand
    agent.strands.delete(key)
    refreshAgent(agent)
    lane.strandCount -= 1
    if (lane.strandCount > 0) return
    lanes.delete(lane.key)
    closed.delete(lane)
  }

  return {
    get size() {
      return strandOf.size
    },
    byLevel,
    add(waiting) {
      const strand = strandFor(waiting)
      strandOf.set(waiting.entry.executionId, strand)
      strand.runs.add(waiting)
      byLevel[waiting.level]?.add(waiting)
      refreshStrand(strand)
    },
    remove(waiting) {
      const strand = strandOf.get(waiting.entry.executionId)
      if (strand === undefined) return
      strandOf.delete(waiting.entry.executionId)
      strand.runs.remove(waiting)
      byLevel[waiting.level]?.remove(waiting)
      refreshStrand(strand)
      if (strand.runs.size === 0) forget(strand, strandKeyOf(strand.lane, waiting))
    },
    best(nowMs) {
      const compare = byUrgency(nowMs, ageingIntervalMs)
      let best: Waiting | undefined
      for (const level of heads) {
        const head = level.first()?.head
        if (head !== undefined && (best === undefined || compare(head, best) < 0)) best = head
      }
      return best
    },
    closeLane(of) {
      const lane = strandOf.get(of.entry.executionId)?.lane
      if (lane === undefined) return
      lane.isClosed = true
      closed.add(lane)
      for (const level of LEVELS) refreshLane(lane, level)
    },
    reopen(most) {
      let left = most
      for (const lane of closed) {
        if (left === 0) return true
        left -= 1
        closed.delete(lane)
        lane.isClosed = false
        for (const level of LEVELS) refreshLane(lane, level)
      }
      return false
    },
    setRunning(agentId, running) {
      const agent = agentOf(agentId)
      agent.running = running
      refreshAgent(agent)
    },
    running: (agentId) => agents.get(agentId)?.running ?? 0,
    hold(agentId) {
      const agent = agentOf(agentId)
      agent.isHeld = true
      heldAgents.add(agentId)
      refreshAgent(agent)
    },
    letGo(agentId) {
      if (!heldAgents.delete(agentId)) return
      const agent = agentOf(agentId)
      agent.isHeld = false
      refreshAgent(agent)
    },
    held(most) {
      const found: AgentId[] = []
      for (const agentId of heldAgents) {
        if (found.length === most) break
        found.push(agentId)
      }
      return found
    },
    isParked({ entry }) {
      const agent = agents.get(entry.agentId)
      return agent !== undefined && (agent.isHeld || agent.running >= entry.concurrency)
    },
  }
}
