import type { AuditAnchorState, AuditCheckpoint, AuditStatus } from '@contract'
import { type Clock, engineCaller, type Log, messageOf, type NewId, RuntimeError } from '../core'
import type { Store } from '../store'
import { readAnchors } from './anchored-heads'
import type { AuditAnchor } from './anchors'
import { startAfterArchives } from './archived'
import type { Audit, CommittedRecord } from './audit'
import { checkpointHash, insertCheckpoint, newestCheckpoint, signCheckpoint } from './checkpoint'
import { insertStatement, type KeyStatement, readKeyHistory, signStatement } from './key-history'
import type { KeyBackend, KeyVault } from './key-vault'
import { createFrontier, type Frontier } from './merkle'
import { GENESIS_HASH } from './record-hash'
import { sealDue } from './segments'
import type { SigningKey } from './signing'
import { createNodes, insertNodes, isStoredLevel, leafOf, type TreeNode } from './tree-nodes'
import type { KnownHead } from './verify-trail'

/** Keeps the Merkle tree of the trail and signs what it has become. */
export interface Notary {
  /** Resolves when the key is there, the tree is caught up and the anchors were compared; or when that failed. */
  readonly ready: Promise<void>
  /**
   * Sign now, when there is something new, and tell the anchors.
   * @param tellAll also those that are told now and then only
   * @returns the newest checkpoint, null while nothing can be signed
   */
  checkpoint(tellAll: boolean): Promise<AuditCheckpoint | null>
  /** Sign with a new key from now on. @throws AUDIT_004 */
  rotateKey(record: RecordOf, reason: string): Promise<string>
  /** Begin a new log that says that a contradiction was accepted. @throws AUDIT_004 when there is none */
  acceptContradiction(record: RecordOf, reason: string): Promise<string>
  /** What is known of the tree without asking the database; null before it is caught up. */
  known(): KnownHead | null
  signing(): AuditStatus['signing']
  anchorStates(): AuditAnchorState[]
  /** Sign what is left, tell every anchor, and stop. */
  close(): Promise<void>
}

/** Who rotates a key or begins a log, for the record of it. */
export type RecordOf = Pick<Parameters<Audit['append']>[1], 'caller' | 'correlationId'>

export interface NotaryPorts {
  readonly store: Store
  readonly audit: Audit
  readonly vault: KeyVault
  readonly anchors: readonly AuditAnchor[]
  readonly clock: Clock
  readonly log: Log
  readonly newId: NewId
  /** Sign after so many records. */
  readonly everyRows: number
  /** Sign after this time, when there were records. */
  readonly everyMs: number
  /** Records in one sealed segment: a power of two, at least 256. */
  readonly segmentRows: number
  readonly onSealed: (size: number) => void
}

const SLICE = 500
/** Slow anchors are told so often at most; and one that failed is left alone for as long. */
const SLOW_ANCHOR_MS = 30_000
/** The signing key is asked for again after this time. */
const RETRY_MS = 300_000

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'signing'; readonly key: SigningKey; readonly backend: KeyBackend; readonly log: string }
  | { readonly kind: 'unsigned'; readonly note: string }
  | { readonly kind: 'refusing'; readonly note: string }

export const createNotary = (ports: NotaryPorts): Notary => {
  const { store, audit, vault, anchors, clock, newId } = ports
  let state: State = { kind: 'opening' }
  let frontier: Frontier = createFrontier()
  let lastHash = GENESIS_HASH
  let caughtUp = false
  let completed: TreeNode[] = []
  let newest: AuditCheckpoint | null = null
  let stopTimer: (() => void) | null = null
  let closed = false
  /** Checkpoints, rotations and the opening follow one another. */
  let turn: Promise<unknown> = Promise.resolve()
  const told = new Map<string, { atMs: number; failure: string | null; size: number }>()
  const read = new Map<string, AuditAnchorState>()

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = turn.then(act)
    turn = done.catch(() => undefined)
    return done
  }

  const grow = (hash: string): void => {
    frontier.append(leafOf(hash), (level, index, node) => {
      if (isStoredLevel(level)) completed.push({ level, index, hash: node })
    })
    lastHash = hash
  }

  const signNow = (tellAll = false): void => {
    stopTimer?.()
    stopTimer = null
    inTurn(() => sign(tellAll)).catch((error: unknown) =>
      ports.log.error({ reason: messageOf(error) }, 'the audit trail could not be signed; it is tried again later'),
    )
  }

  const retry = (): void => {
    stopTimer = null
    inTurn(tryOpen).catch(() => undefined)
  }

  const onCommitted = ({ seq, hash }: CommittedRecord): void => {
    if (!caughtUp || seq !== frontier.size() + 1) return
    grow(hash)
    // A keyring that was locked may be open by now.
    if (state.kind === 'unsigned' && !closed) stopTimer ??= clock.after(RETRY_MS, retry)
    if (state.kind !== 'signing') return
    if (frontier.size() - (newest?.size ?? 0) === ports.everyRows) signNow()
    else if (stopTimer === null && !closed) stopTimer = clock.after(ports.everyMs, () => signNow())
  }

  /** The right edge of the tree at a size, and the hash of its last record. */
  const treeAt = (size: number): { frontier: Frontier; lastHash: string } => {
    const start = startAfterArchives(store, readKeyHistory(store))
    if (start.fault !== null) throw new RuntimeError('AUDIT_002', start.fault.problem)
    if (size <= start.archived) return { frontier: start.frontier, lastHash: start.prevHash }
    const last = store.get<{ hash: string }>('SELECT hash FROM audit WHERE seq = :size', { size })
    if (last === undefined)
      throw new RuntimeError('AUDIT_002', `Record ${size}, which a checkpoint covers, is missing.`)
    return { frontier: createFrontier({ size, at: createNodes(store) }), lastHash: last.hash }
  }

  const catchUp = async (): Promise<void> => {
    newest = newestCheckpoint(store)
    const tree = treeAt(newest?.size ?? 0)
    ;({ frontier, lastHash } = tree)
    if (newest !== null && frontier.size() === newest.size && frontier.root().toString('hex') !== newest.root)
      throw new RuntimeError('AUDIT_002', `The records up to ${newest.size} are not those that were signed.`)
    for (;;) {
      const rows = store.all<CommittedRecord>(
        'SELECT seq, hash FROM audit WHERE seq > :size ORDER BY seq LIMIT :slice',
        { size: frontier.size(), slice: SLICE },
      )
      for (const row of rows) {
        if (row.seq !== frontier.size() + 1)
          throw new RuntimeError('AUDIT_002', `Record ${frontier.size() + 1} is missing.`)
        grow(row.hash)
      }
      if (rows.length < SLICE) {
        caughtUp = true
        return
      }
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** What an anchor remembers that the tree does not hold; null when all agree. */
  const contradiction = async (): Promise<string | null> => {
    const { states, strange } = await readAnchors(anchors, store, readKeyHistory(store))
    for (const one of states) read.set(one.name, one)
    for (const { anchor, checkpoint } of strange) {
      const size = frontier.size()
      const differs =
        checkpoint.size > size || treeAt(checkpoint.size).frontier.root().toString('hex') !== checkpoint.root
      if (!differs) continue
      const note = `The anchor "${anchor}" remembers another trail of ${checkpoint.size} records; this one has ${size}.`
      read.set(anchor, { name: anchor, state: 'contradicts', size: checkpoint.size, note })
      return note
    }
    return null
  }

  const statementOf = (key: SigningKey, facts: Pick<KeyStatement, 'why' | 'log' | 'reason' | 'fromSize'>) => {
    const before = readKeyHistory(store).statements.at(-1)
    return {
      ...facts,
      keyId: key.id,
      publicKey: key.publicKey,
      atMs: clock.nowMs(),
      previous:
        before === undefined
          ? null
          : { log: before.log, keyId: before.keyId, size: newest?.size ?? 0, root: newest?.root ?? '' },
    }
  }

  const begin = async (
    why: 'first' | 'restarted' | 'accepted',
    record: RecordOf,
    reason: string,
  ): Promise<Extract<State, { kind: 'signing' }>> => {
    const { key, backend } = await vault.create()
    const log = newId<string>()
    await store.write((tx) => {
      const statement = signStatement(statementOf(key, { why, log, reason, fromSize: audit.headSeq() }), [key])
      insertStatement(tx, statement)
      if (why === 'first') return
      audit.append(tx, {
        ...record,
        action: 'audit.log_started',
        resource: `Audit log ${log}`,
        outcome: 'success',
        reason,
        details: { statement },
      })
    })
    return { kind: 'signing', key, backend, log }
  }

  const open = async (): Promise<void> => {
    await catchUp()
    const contradicted = await contradiction()
    const keys = readKeyHistory(store)
    const current = keys.statements.at(-1)
    if (keys.problem !== null || contradicted !== null) {
      state = { kind: 'refusing', note: keys.problem ?? contradicted ?? '' }
      return
    }
    const engine = { caller: engineCaller('audit'), correlationId: newId() } as RecordOf
    if (current === undefined) {
      state = await begin('first', engine, 'The trail is signed from here on.')
      return
    }
    const loaded = await vault.load(current.keyId)
    state =
      loaded === null
        ? await begin('restarted', engine, 'The signing key before this one is lost.')
        : { kind: 'signing', ...loaded, log: current.log }
  }

  const recordContradiction = async (note: string): Promise<void> => {
    ports.log.error({ note }, 'the audit trail is contradicted, so it is not signed any more')
    await store
      .write((tx) =>
        audit.append(tx, {
          correlationId: newId(),
          caller: engineCaller('audit'),
          action: 'audit.contradicted',
          resource: 'Audit trail',
          outcome: 'failed',
          code: 'AUDIT_002',
          reason: note,
        }),
      )
      .catch((error: unknown) => ports.log.error({ reason: messageOf(error) }, 'and that could not be recorded'))
  }

  const tryOpen = async (): Promise<void> => {
    caughtUp = false
    try {
      await open()
    } catch (error) {
      const tampered = error instanceof RuntimeError && error.code === 'AUDIT_002'
      state = { kind: tampered ? 'refusing' : 'unsigned', note: messageOf(error) }
    }
    if (state.kind === 'refusing') await recordContradiction(state.note)
    else if (state.kind === 'unsigned') ports.log.warn({ note: state.note }, 'the audit trail is not signed')
    else if (!closed && frontier.size() > (newest?.size ?? 0)) stopTimer ??= clock.after(ports.everyMs, () => signNow())
  }

  const ready = inTurn(tryOpen)

  const tell = async (anchor: AuditAnchor, checkpoint: AuditCheckpoint, now: boolean): Promise<void> => {
    const before = told.get(anchor.name)
    if (before?.size === checkpoint.size && before.failure === null) return
    const wait = !anchor.every || (before !== undefined && before.failure !== null)
    if (!now && wait && before !== undefined && clock.monotonicMs() - before.atMs < SLOW_ANCHOR_MS) return
    let failure: string | null = null
    await anchor.remember(checkpoint).catch((error: unknown) => {
      failure = messageOf(error)
      if (before?.failure !== failure)
        ports.log.warn({ anchor: anchor.name, reason: failure }, 'an anchor of the audit trail could not be told')
    })
    told.set(anchor.name, { atMs: clock.monotonicMs(), failure, size: checkpoint.size })
  }

  const sign = async (tellAll: boolean): Promise<AuditCheckpoint | null> => {
    if (state.kind !== 'signing' || !caughtUp) return newest
    const { key, log } = state
    const size = frontier.size()
    if (size > (newest?.size ?? 0) || (size > 0 && newest?.keyId !== key.id)) {
      const nodes = completed
      const checkpoint = signCheckpoint(key, {
        number: (newest?.number ?? 0) + 1,
        log,
        size,
        root: frontier.root().toString('hex'),
        lastHash,
        atMs: clock.nowMs(),
        keyId: key.id,
        prev: newest === null ? null : checkpointHash(newest),
      })
      completed = []
      try {
        await store.write((tx) => {
          insertNodes(tx, nodes)
          insertCheckpoint(tx, checkpoint)
          sealDue(tx, { checkpoint, key, segmentRows: ports.segmentRows, nowMs: clock.nowMs() })
        })
      } catch (error) {
        completed = [...nodes, ...completed]
        throw error
      }
      newest = checkpoint
      ports.onSealed(size)
    }
    if (newest !== null) for (const anchor of anchors) await tell(anchor, newest, tellAll)
    if (frontier.size() - (newest?.size ?? 0) >= ports.everyRows) signNow()
    else if (frontier.size() > (newest?.size ?? 0) && !closed) stopTimer ??= clock.after(ports.everyMs, () => signNow())
    return newest
  }

  const stopListening = audit.onCommitted(onCommitted)

  return {
    ready,
    checkpoint: (tellAll) => inTurn(() => sign(tellAll)),

    rotateKey: (record, reason) =>
      inTurn(async () => {
        if (state.kind !== 'signing')
          throw new RuntimeError('AUDIT_004', state.kind === 'opening' ? 'The trail is being opened.' : state.note)
        await sign(true)
        const old = state
        const { key, backend } = await vault.create()
        await store.write((tx) => {
          const facts = { why: 'rotated', log: old.log, reason, fromSize: audit.headSeq() } as const
          const statement = signStatement(statementOf(key, facts), [key, old.key])
          insertStatement(tx, statement)
          audit.append(tx, {
            ...record,
            action: 'audit.key_rotated',
            resource: `Audit log ${old.log}`,
            outcome: 'success',
            reason,
            details: { old: old.key.id, new: key.id, statement },
          })
        })
        state = { kind: 'signing', key, backend, log: old.log }
        await sign(true)
        await vault.forget(old.key.id)
        return key.id
      }),

    acceptContradiction: (record, reason) =>
      inTurn(async () => {
        if (state.kind !== 'refusing' || !caughtUp)
          throw new RuntimeError('AUDIT_004', 'No anchor contradicts the trail, so there is nothing to accept.')
        const begun = await begin('accepted', record, reason)
        state = begun
        await sign(true)
        for (const name of read.keys()) read.delete(name)
        return begun.log
      }),

    known: () => (caughtUp ? { size: frontier.size(), root: frontier.root().toString('hex') } : null),

    signing() {
      switch (state.kind) {
        case 'opening':
          return { state: 'opening', keyId: null, backend: null, note: 'The signing key is being fetched.' }
        case 'signing':
          return {
            state: 'signing',
            keyId: state.key.id,
            backend: state.backend,
            note:
              state.backend === 'keyring'
                ? 'The system keyring holds the signing key.'
                : 'The signing key is in a file of the data folder, because the system keyring could not be used when it was made. Whoever can read that folder can sign a forged trail.',
          }
        case 'unsigned':
        case 'refusing':
          return { state: state.kind, keyId: null, backend: null, note: state.note }
      }
    },

    anchorStates: () =>
      anchors.map(({ name }) => {
        const last = told.get(name)
        const seen = read.get(name)
        if (last?.failure != null) return { name, state: 'unreachable', size: seen?.size ?? null, note: last.failure }
        if (last !== undefined) return { name, state: 'agrees', size: last.size, note: '' }
        return seen ?? { name, state: 'empty', size: null, note: '' }
      }),

    async close() {
      if (closed) return
      closed = true
      stopTimer?.()
      await ready
      await inTurn(() => sign(true)).catch((error: unknown) =>
        ports.log.error({ reason: messageOf(error) }, 'the audit trail could not be signed at the end'),
      )
      stopTimer?.()
      stopListening()
    },
  }
}
