import type { AuditAnchorState, AuditVerification } from '@contract'
import { type Clock, messageOf } from '../core'
import type { Sql } from '../store'
import { type AnchoredHeads, readAnchors, type StrangeHead } from './anchored-heads'
import type { AuditAnchor } from './anchors'
import { startAfterArchives } from './archived'
import { type AuditRow, hashOf } from './audit-row'
import { newestCheckpoint } from './checkpoint'
import { walkCheckpoints } from './checkpoint-walk'
import { classifyBreak, type Finding } from './classify'
import { type KeyHistory, keyHistoryOf, readKeyHistory } from './key-history'
import { indexedTo } from './text-index'
import { leafOf } from './tree-nodes'

/** Records checked before others get the thread: about two milliseconds. */
const SLICE = 200

/** How far the running engine itself knows the trail to go. */
export interface KnownHead {
  readonly size: number
  readonly root: string
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((checked: number, total: number) => void) | undefined
  /** Places outside the database to compare with. */
  readonly anchors?: readonly AuditAnchor[] | undefined
  readonly known?: KnownHead | null | undefined
  /** Only the hash chain, without tree and checkpoints. */
  readonly chainOnly?: boolean | undefined
}

interface Walked {
  readonly finding: Finding | null
  /** The last record that is good. */
  readonly checked: number
  readonly headHash: string | null
  readonly archived: number
  readonly signedToSeq: number
  readonly checkpoints: number
  readonly contradicting: ReadonlySet<string>
}

const NOTHING: AnchoredHeads = { states: [], strange: [], notes: [] }

const range = (tampering: Finding['tampering'], first: number, last: number, problem: string): Finding => ({
  tampering,
  firstBadSeq: first,
  suspectToSeq: Math.max(first, last),
  problem,
})

/** What the database itself remembers of its length, besides the records. */
const rememberedLength = (sql: Sql): number => {
  const tree = sql.get<{ size: number | null }>('SELECT max((idx + 1) << level) AS size FROM audit_tree')?.size ?? 0
  return Math.max(tree, indexedTo(sql), newestCheckpoint(sql)?.size ?? 0)
}

/** The first record that is younger than what an anchor remembers: there an old copy that was put back went on. */
const firstYounger = (sql: Sql, agreedTo: number, atMs: number): number | null =>
  sql.get<{ seq: number | null }>('SELECT min(seq) AS seq FROM audit WHERE seq > :agreedTo AND +at > :atMs', {
    agreedTo,
    atMs,
  })?.seq ?? null

/**
 * A history that an anchor does not know. When its records are younger than what the anchor remembers, an old copy was
 * put back and went on; when they are not, they were written anew.
 */
const forkOf = (sql: Sql, strange: StrangeHead, agreedTo: number): Finding => {
  const { checkpoint } = strange
  const size = checkpoint.size
  const younger = firstYounger(sql, agreedTo, checkpoint.atMs)
  const where = `the trail is another one than the anchor "${strange.anchor}" remembers`
  return younger !== null && younger <= size
    ? range(
        'rolled-back',
        younger,
        size,
        `From record ${younger} on ${where}: an older copy of the database was put back.`,
      )
    : range('rebuilt', agreedTo + 1, size, `From record ${agreedTo + 1} on ${where}: it was written anew.`)
}

const truncated = (length: number, size: number, who: string): Finding =>
  range(
    'truncated',
    length + 1,
    size,
    `The trail ends at record ${length}, but ${who} remembers ${size}: the newest records were cut off.`,
  )

/** An anchor remembers more records than there are. */
const shortOf = (sql: Sql, strange: StrangeHead, facts: { length: number; agreedTo: number }): Finding => {
  const { length, agreedTo } = facts
  const { size, atMs } = strange.checkpoint
  const who = `the anchor "${strange.anchor}"`
  if (rememberedLength(sql) > length) return truncated(length, size, who)
  const first = firstYounger(sql, agreedTo, atMs) ?? length + 1
  const text = `The trail ends at record ${length}, but ${who} remembers ${size}`
  return range('rolled-back', first, size, `${text}: an older copy of the database was put back.`)
}

const walk = async (
  sql: Sql,
  options: VerifyOptions,
  facts: { keys: KeyHistory; anchored: AnchoredHeads; head: number },
): Promise<Walked> => {
  const { keys, anchored, head } = facts
  const { known, signal } = options
  const whole = options.chainOnly !== true
  const start = startAfterArchives(sql, keys)
  const { frontier } = start
  const checkpoints = walkCheckpoints(sql, keys)
  const contradicting = new Set<string>()
  let strangeAt = 0
  let expectedSeq = start.archived + 1
  let prevHash = start.prevHash
  let agreedTo = 0
  let finding: Finding | null = null

  const result = (): Walked => ({
    finding,
    checked: expectedSeq - 1,
    headHash: expectedSeq === 1 ? null : prevHash,
    archived: start.archived,
    signedToSeq: finding === null ? checkpoints.signedTo() : Math.min(checkpoints.signedTo(), finding.firstBadSeq - 1),
    checkpoints: checkpoints.count(),
    contradicting,
  })

  /** Everything that remembers the tree at its present size. */
  const compare = (): void => {
    const size = expectedSeq - 1
    let root: string | null = null
    const rootNow = (): string => {
      root ??= frontier.root().toString('hex')
      return root
    }
    for (let next = checkpoints.peek(); next !== null && next.size <= size; next = checkpoints.peek()) {
      // Those within archived records are vouched for by the seals; their roots cannot be computed any more.
      if (next.size === size && size > 0 && (next.root !== rootNow() || next.lastHash !== prevHash)) {
        finding ??= range(
          'rebuilt',
          agreedTo + 1,
          size,
          `Checkpoint ${next.number} speaks for other records up to ${size}: they were written anew.`,
        )
        return
      }
      agreedTo = next.size
      checkpoints.take()
    }
    for (let strange = anchored.strange[strangeAt]; strange !== undefined; strange = anchored.strange[strangeAt]) {
      if (strange.checkpoint.size > size) break
      if (strange.checkpoint.size === size && strange.checkpoint.root !== rootNow()) {
        contradicting.add(strange.anchor)
        finding ??= forkOf(sql, strange, agreedTo)
      } else agreedTo = Math.max(agreedTo, strange.checkpoint.size)
      strangeAt += 1
    }
    if (known != null && known.size === size && known.root !== rootNow())
      finding ??= range('edited', agreedTo + 1, size, 'The records are not those that the running engine wrote.')
  }

  const go = async (): Promise<void> => {
    if (start.fault !== null) {
      finding = range('forged-checkpoint', start.fault.firstBadSeq, start.fault.lastBadSeq, start.fault.problem)
      return
    }
    if (whole) compare()

    // Below every number there can be, so that a record slipped in before the first one is seen too.
    let from = start.archived > 0 ? start.archived + 1 : Number.MIN_SAFE_INTEGER
    for (;;) {
      signal?.throwIfAborted()
      const rows = sql.all<AuditRow>(
        'SELECT * FROM audit WHERE seq BETWEEN :from AND :head ORDER BY seq LIMIT :limit',
        {
          from,
          head,
          limit: SLICE,
        },
      )
      for (const row of rows) {
        if (row.seq !== expectedSeq || row.prev_hash !== prevHash || hashOf(row) !== row.hash) {
          finding = await classifyBreak(sql, { row, expectedSeq, prevHash })
          return
        }
        prevHash = row.hash
        expectedSeq += 1
        if (!whole) continue
        frontier.append(leafOf(row.hash))
        const size = expectedSeq - 1
        const next = checkpoints.peek()
        if (next?.size === size || anchored.strange[strangeAt]?.checkpoint.size === size || known?.size === size)
          compare()
        if (finding !== null) return
      }
      from = expectedSeq
      if (rows.length < SLICE) break
      options.onProgress?.(expectedSeq - 1, head)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    if (!whole) return

    const size = expectedSeq - 1
    const longest = checkpoints.peek()
    const strange = anchored.strange.at(-1)
    const fault = checkpoints.fault()
    if (known != null && known.size > size) finding = truncated(size, known.size, 'the running engine')
    else if (longest !== null && longest.size > size)
      finding = truncated(size, newestCheckpoint(sql)?.size ?? longest.size, 'a signed checkpoint')
    else if (strange !== undefined && strange.checkpoint.size > size) {
      for (const { anchor } of anchored.strange.slice(strangeAt)) contradicting.add(anchor)
      finding = shortOf(sql, strange, { length: size, agreedTo })
    } else if (fault !== null) finding = range('forged-checkpoint', fault.firstBadSeq, fault.lastBadSeq, fault.problem)
  }

  try {
    await go()
  } catch (error) {
    signal?.throwIfAborted()
    const where = `The database is damaged near record ${expectedSeq}`
    finding = range('unreadable', expectedSeq, head, `${where}: ${messageOf(error)}`)
  }
  return result()
}

const keysOf = (sql: Sql): { keys: KeyHistory; problem: string | null } => {
  try {
    const keys = readKeyHistory(sql)
    return { keys, problem: keys.problem }
  } catch (error) {
    return { keys: keyHistoryOf([]), problem: `The signing keys cannot be read: ${messageOf(error)}` }
  }
}

const statesOf = (anchored: AnchoredHeads, contradicting: ReadonlySet<string>): AuditAnchorState[] =>
  anchored.states.map((state) =>
    contradicting.has(state.name)
      ? { ...state, state: 'contradicts', note: 'It remembers another trail than the one in the database.' }
      : state,
  )

const notesOf = (keys: KeyHistory): string[] =>
  keys.statements
    .filter(({ why }) => why === 'restarted' || why === 'accepted')
    .map(({ why, fromSize, reason }) =>
      why === 'restarted'
        ? `A new log begins after record ${fromSize}, because the signing key before it was lost.`
        : `A new log begins after record ${fromSize}, because a person accepted that an anchor contradicts the trail: ${reason}`,
    )

/**
 * Walk the whole trail in slices, so that nothing else waits for it; only reads.
 *
 * Held against one another: each record and its hash, each hash and the record after it, the Merkle root and every signed
 * checkpoint, the keys and the rotations between them, the seals of what is archived, the anchors outside the database,
 * and what the running engine knows. Names what was done and the first bad record.
 *
 * What it cannot see: records written after the newest checkpoint and cut off while no engine runs; and the work of
 * somebody who holds the signing key and every anchor.
 */
export const verifyTrail = async (
  ports: { readonly sql: Sql; readonly clock: Clock } & VerifyOptions,
): Promise<AuditVerification> => {
  const { sql, clock } = ports
  const startedMs = clock.monotonicMs()
  const whole = ports.chainOnly !== true
  const { keys, problem } = keysOf(sql)
  // Read before the head: the trail goes on meanwhile, and must never look shorter than what was remembered earlier.
  const anchored = whole ? await readAnchors(ports.anchors ?? [], sql, keys) : NOTHING
  let walked: Walked
  try {
    const head = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
    walked = await walk(sql, ports, { keys, anchored, head })
    if (walked.finding === null && whole && problem !== null)
      walked = { ...walked, finding: range('forged-checkpoint', 1, walked.checked, problem) }
  } catch (error) {
    ports.signal?.throwIfAborted()
    walked = {
      finding: range('unreadable', 1, 1, `The database is damaged: ${messageOf(error)}`),
      checked: 0,
      headHash: null,
      archived: 0,
      signedToSeq: 0,
      checkpoints: 0,
      contradicting: new Set(),
    }
  }
  const { finding } = walked
  return {
    ok: finding === null,
    checked: walked.checked,
    headHash: walked.headHash,
    firstBadSeq: finding?.firstBadSeq ?? null,
    suspectToSeq: finding?.suspectToSeq ?? null,
    tampering: finding?.tampering ?? null,
    problem: finding?.problem ?? null,
    signedToSeq: walked.signedToSeq,
    checkpoints: walked.checkpoints,
    archived: walked.archived,
    anchors: statesOf(anchored, walked.contradicting),
    notes: [...anchored.notes, ...notesOf(keys)],
    tookMs: clock.monotonicMs() - startedMs,
  }
}
