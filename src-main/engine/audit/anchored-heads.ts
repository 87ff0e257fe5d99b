import type { AuditAnchorState, AuditCheckpoint } from '@contract'
import { messageOf } from '../core'
import type { Sql } from '../store'
import type { AuditAnchor } from './anchors'
import { checkpointsAfter, isCheckpointSigned } from './checkpoint'
import type { KeyHistory } from './key-history'

/** A checkpoint that an anchor remembers and the database does not, or not so. */
export interface StrangeHead {
  readonly anchor: string
  readonly checkpoint: AuditCheckpoint
}

export interface AnchoredHeads {
  readonly states: AuditAnchorState[]
  /** By size. */
  readonly strange: StrangeHead[]
  readonly notes: string[]
}

const YIELD_EVERY = 300

const isEqual = (one: AuditCheckpoint, other: AuditCheckpoint | undefined): boolean =>
  other !== undefined &&
  one.log === other.log &&
  one.size === other.size &&
  one.root === other.root &&
  one.signature === other.signature

interface ReadAnchor {
  readonly state: AuditAnchorState
  readonly strange: AuditCheckpoint[]
  readonly notes: string[]
}

/**
 * Ask one anchor. What it remembers word for word as the database does is done with at once. A line that claims a key we
 * know and is not signed by it was not written by us and says nothing. What came before a person accepted a contradiction
 * is forgiven, when this anchor itself remembers the log that began with it.
 */
const readAnchor = async (anchor: AuditAnchor, sql: Sql, keys: KeyHistory): Promise<ReadAnchor> => {
  const acceptedLogs = new Set(keys.statements.filter(({ why }) => why === 'accepted').map(({ log }) => log))
  let strange: AuditCheckpoint[] = []
  let newest: AuditCheckpoint | null = null
  let forgiven = 0
  let unsigned = 0
  let count = 0
  try {
    for await (const checkpoint of anchor.read()) {
      count += 1
      if (count % YIELD_EVERY === 0) await new Promise<void>((resolve) => setImmediate(resolve))
      if (acceptedLogs.has(checkpoint.log) && strange.length > 0) {
        forgiven += strange.length
        strange = []
      }
      const [known] = checkpointsAfter(sql, checkpoint.number - 1, 1)
      if (!isEqual(checkpoint, known)) {
        const publicKey = keys.publicKeys.get(checkpoint.keyId)
        if (publicKey !== undefined && !isCheckpointSigned(checkpoint, publicKey)) {
          unsigned += 1
          continue
        }
        strange.push(checkpoint)
      }
      newest = checkpoint
    }
  } catch (error) {
    return {
      state: { name: anchor.name, state: 'unreachable', size: null, note: messageOf(error) },
      strange,
      notes: [`The anchor "${anchor.name}" could not be asked.`],
    }
  }
  const notes: string[] = []
  if (unsigned > 0)
    notes.push(`The anchor "${anchor.name}" holds ${unsigned} lines that nobody signed; they say nothing.`)
  if (forgiven > 0)
    notes.push(`The anchor "${anchor.name}" contradicts records that a person accepted when a new log was begun.`)
  return {
    state: { name: anchor.name, state: newest === null ? 'empty' : 'agrees', size: newest?.size ?? null, note: '' },
    strange,
    notes,
  }
}

export const readAnchors = async (
  anchors: readonly AuditAnchor[],
  sql: Sql,
  keys: KeyHistory,
): Promise<AnchoredHeads> => {
  const read = await Promise.all(anchors.map((anchor) => readAnchor(anchor, sql, keys)))
  return {
    states: read.map(({ state }) => state),
    strange: read
      .flatMap(({ state, strange }) => strange.map((checkpoint) => ({ anchor: state.name, checkpoint })))
      .sort((one, other) => one.checkpoint.size - other.checkpoint.size),
    notes: read.flatMap(({ notes }) => notes),
  }
}
