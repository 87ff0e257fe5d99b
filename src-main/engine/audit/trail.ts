import { join } from 'node:path'
import type {
  AuditConsistencyProof,
  AuditExport,
  AuditFilter,
  AuditInclusionProof,
  AuditRecord,
  AuditStatus,
} from '@contract'
import { asRuntimeError, type Log, messageOf, type NewId, type Source } from '../core'
import { catchUpAgents } from './agents-index'
import type { AuditAnchor } from './anchors'
import { readSegments, toSegment } from './archived'
import { type Audit, type AuditPorts, createAudit } from './audit'
import { newestCheckpoint } from './checkpoint'
import { exportTrail } from './export-trail'
import type { KeyVault } from './key-vault'
import { createNotary, type RecordOf } from './notary'
import { proveConsistency, proveInclusion } from './proofs'
import { archiveOldest, finishArchiving } from './segments'
import { tailOf } from './tail'
import { catchUpText } from './text-index'

/** The log with everything around it: signed, anchored, provable, searchable, archived. */
export interface AuditTrail extends Audit {
  /** Resolves when the signing key is there and the anchors were compared, or when that failed; nothing waits for it. */
  readonly ready: Promise<void>
  status(): AuditStatus
  /** Records as they are committed, oldest first. */
  tail(filter: AuditFilter, afterSeq?: number): Source<AuditRecord>
  /** @throws AUDIT_002, AUDIT_003 */
  proveInclusion(seq: number): AuditInclusionProof
  /** @throws AUDIT_002, AUDIT_003 */
  proveConsistency(fromSize: number, toSize?: number): AuditConsistencyProof
  /** Into a new folder. @throws STORE_001, AUDIT_003 */
  export(folder: string, signal?: AbortSignal): Promise<AuditExport>
  /** Move the oldest sealed segments out of the database. @throws AUDIT_002, STORE_001 */
  archive(keepRows: number): Promise<{ segments: number; rows: number }>
  /** Sign now and tell every anchor. */
  checkpoint(): Promise<AuditStatus['checkpoint']>
  /** @returns the id of the new key. @throws AUDIT_004 */
  rotateKey(record: RecordOf, reason: string): Promise<string>
  /** Sign again although an anchor contradicts the trail. @returns the id of the new log. @throws AUDIT_004 */
  startNewLog(record: RecordOf, reason: string): Promise<string>
  /** Sign what is left and stop. */
  close(): Promise<void>
}

export interface AuditTrailPorts extends AuditPorts {
  readonly log: Log
  readonly newId: NewId
  readonly vault: KeyVault
  readonly anchors: readonly AuditAnchor[]
  /** Holds the archives of sealed segments. */
  readonly archiveDir: string
  /** The offline verifier that goes with each export. */
  readonly verifier: string | null
  /** Sign after so many records; 1 000 by default. */
  readonly everyRows?: number | undefined
  /** Sign after this time, when there were records; a minute by default. */
  readonly everyMs?: number | undefined
  /** Records in one sealed segment: a power of two, at least 256; 65 536 by default. */
  readonly segmentRows?: number | undefined
}

const DEFAULTS = { everyRows: 1_000, everyMs: 60_000, segmentRows: 65_536 }
/** Records from whose size that of all is estimated, and what their indexes and page borders add. */
const SAMPLE = 200
const OVERHEAD_BYTES = 620

/** Open the trail over a log. Signing begins in the background; records can be appended at once. */
export const openAuditTrail = (ports: AuditTrailPorts): AuditTrail => {
  const { store, events, clock, redactor } = ports
  const audit = createAudit(ports)
  const stopping = new AbortController()
  let background: Promise<void> = Promise.resolve()
  let archiving: Promise<unknown> = Promise.resolve()

  const inBackground = (work: () => Promise<void>): void => {
    background = background.then(work).catch((error: unknown) => {
      if (!stopping.signal.aborted) ports.log.warn({ reason: messageOf(error) }, 'upkeep of the audit trail failed')
    })
  }

  const notary = createNotary({
    store,
    audit,
    vault: ports.vault,
    anchors: ports.anchors,
    clock,
    log: ports.log,
    newId: ports.newId,
    everyRows: ports.everyRows ?? DEFAULTS.everyRows,
    everyMs: ports.everyMs ?? DEFAULTS.everyMs,
    segmentRows: ports.segmentRows ?? DEFAULTS.segmentRows,
    onSealed: (size) => {
      events.publish('audit.sealed', { size })
      inBackground(() => catchUpAgents(store, stopping.signal))
      inBackground(() => catchUpText(store, stopping.signal))
    },
  })
  inBackground(() => finishArchiving(store))
  inBackground(() => catchUpAgents(store, stopping.signal))
  inBackground(() => catchUpText(store, stopping.signal))

  const approximateBytes = (rows: number): number => {
    const sample = store.get<{ n: number; bytes: number | null }>(
      `SELECT count(*) AS n, sum(octet_length(correlation_id) + octet_length(actor_id) + octet_length(action)
         + octet_length(resource) + octet_length(reason) + octet_length(details)) AS bytes
       FROM (SELECT * FROM audit ORDER BY seq DESC LIMIT :sample)`,
      { sample: SAMPLE },
    )
    if (sample === undefined || sample.n === 0) return 0
    return Math.round(rows * (OVERHEAD_BYTES + (sample.bytes ?? 0) / sample.n))
  }

  return {
    ...audit,
    ready: notary.ready,
    verify: (options) => audit.verify({ anchors: ports.anchors, known: notary.known(), ...options }),

    status() {
      const segments = readSegments(store).map(toSegment)
      const archived = segments.filter(({ archive }) => archive !== null)
      const archivedRows = archived.at(-1)?.lastSeq ?? 0
      const headSeq = Math.max(audit.headSeq(), archivedRows)
      const rows = headSeq - archivedRows
      const checkpoint = newestCheckpoint(store)
      return {
        rows,
        headSeq,
        approximateBytes: approximateBytes(rows),
        archivedRows,
        archivedBytes: archived.reduce((sum, { archive }) => sum + (archive?.bytes ?? 0), 0),
        segments,
        checkpoint,
        checkpoints: checkpoint?.number ?? 0,
        signing: notary.signing(),
        anchors: notary.anchorStates(),
      }
    },

    tail: (filter, afterSeq) => tailOf({ sql: store, audit }, filter, afterSeq),
    proveInclusion: (seq) => proveInclusion(store, seq),
    proveConsistency: (fromSize, toSize) => proveConsistency(store, fromSize, toSize),

    async export(folder, signal) {
      await notary.checkpoint(false)
      return exportTrail(store, {
        folder,
        archiveDir: ports.archiveDir,
        verifier: ports.verifier,
        nowMs: clock.nowMs(),
        signal,
      })
    },

    archive(keepRows) {
      const done = archiving.then(async () => {
        await notary.checkpoint(false)
        return archiveOldest(store, { dir: ports.archiveDir, keepRows, nowMs: clock.nowMs() })
      })
      archiving = done.catch(() => undefined)
      return done.catch((error: unknown) => {
        throw asRuntimeError(error, 'STORE_001', 'The records could not be archived')
      })
    },

    checkpoint: () => notary.checkpoint(true),
    rotateKey: (record, reason) => notary.rotateKey(record, redactor.text(reason)),
    startNewLog: (record, reason) => notary.acceptContradiction(record, redactor.text(reason)),

    async close() {
      stopping.abort()
      await archiving
      await notary.close()
      await background
    },
  }
}

/** Where the trail keeps what does not belong into the database, below the data folder. */
export const auditFolders = (
  dataDir: string,
): { keys: string; archives: string; anchors: string; exports: string } => ({
  keys: join(dataDir, 'audit'),
  archives: join(dataDir, 'audit', 'archives'),
  anchors: join(dataDir, 'audit', 'anchors'),
  exports: join(dataDir, 'exports'),
})
