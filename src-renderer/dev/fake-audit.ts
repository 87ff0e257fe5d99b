import type {
  AuditCheckpoint,
  AuditVerification,
  CallInput,
  CallOutput,
  Channel,
  StreamMessage,
  WireError,
} from '@contract'
import { fakeHash, MINUTE, NOW, wire } from './fake-ids'
import { AUDIT_TOTAL, auditRecord } from './fake-records'

type Send = (message: StreamMessage<unknown>, acknowledge: () => void) => void

const anchors = (broken: boolean): AuditVerification['anchors'] => [
  { name: 'file', state: broken ? 'contradicts' : 'agrees', size: 12_400, note: 'anchors.jsonl beside the database' },
  { name: 'keyring', state: 'agrees', size: 12_400, note: 'Counter in the system keyring' },
]

const verification = (broken: boolean): AuditVerification =>
  broken
    ? {
        ok: false,
        checked: 8214,
        headHash: null,
        firstBadSeq: 8214,
        suspectToSeq: 8220,
        tampering: 'edited',
        problem: 'The hash of row 8214 does not match its content.',
        signedToSeq: 8200,
        checkpoints: 82,
        archived: 0,
        anchors: anchors(true),
        notes: [],
        tookMs: 180,
      }
    : {
        ok: true,
        checked: AUDIT_TOTAL,
        headHash: fakeHash(AUDIT_TOTAL),
        firstBadSeq: null,
        suspectToSeq: null,
        tampering: null,
        problem: null,
        signedToSeq: 12_400,
        checkpoints: 124,
        archived: 0,
        anchors: anchors(false),
        notes: ['8 records are newer than the last checkpoint.'],
        tookMs: 214,
      }

const checkpoint = (size: number): AuditCheckpoint => ({
  number: Math.ceil(size / 100),
  log: 'log-1',
  size,
  root: fakeHash(size + 1),
  lastHash: fakeHash(size),
  atMs: NOW - 8 * MINUTE,
  keyId: 'ed25519-4f1c9a',
  prev: fakeHash(size - 100),
  signature: fakeHash(size) + fakeHash(size + 2),
})

interface Ports {
  readonly broken: boolean
  readonly refuse: (error: WireError) => never
}

type Named = Exclude<Extract<Channel, `audit.${string}`>, 'audit.list'>
type Calls = { [C in Named]: (input: CallInput<C>) => CallOutput<C> }

/** The calls of the trail besides reading it. */
export const createFakeAudit = ({ broken, refuse }: Ports): Calls => ({
  'audit.verify': () => verification(broken),
  'audit.status': () => ({
    rows: AUDIT_TOTAL,
    headSeq: AUDIT_TOTAL,
    approximateBytes: 9_400_000,
    archivedRows: 0,
    archivedBytes: 0,
    segments: [
      { number: 1, firstSeq: 1, lastSeq: 10_000, root: fakeHash(5), sealedAtMs: NOW - 900 * MINUTE, archive: null },
    ],
    checkpoint: checkpoint(12_400),
    checkpoints: 124,
    signing: {
      state: 'signing',
      keyId: 'ed25519-4f1c9a',
      backend: 'keyring',
      note: 'The key is in the system keyring.',
    },
    anchors: anchors(broken),
  }),
  'audit.proveInclusion': ({ seq }) =>
    seq > 12_400
      ? refuse(wire('AUDIT_003', 'There is no proof of this record yet.', 'Wait for the next checkpoint.'))
      : {
          kind: 'inclusion',
          record: auditRecord(seq),
          leaf: fakeHash(seq + 9),
          path: Array.from({ length: 14 }, (_, index) => fakeHash(seq + index)),
          checkpoint: checkpoint(12_400),
          publicKey: fakeHash(3),
        },
  'audit.proveConsistency': ({ fromSize, toSize }) => ({
    kind: 'consistency',
    path: [fakeHash(1)],
    from: checkpoint(fromSize),
    to: checkpoint(toSize ?? 12_400),
    publicKeys: {},
  }),
  'audit.export': () => ({
    folder: '/home/ada/.config/symbi-console/exports/audit-2026-11-23T10-00-00',
    records: AUDIT_TOTAL,
    checkpoints: 124,
    archivedRecords: 0,
  }),
  'audit.archive': () => ({ segments: 0, rows: 0 }),
  'audit.rotateKey': () => ({ keyId: 'ed25519-77aa01' }),
  'audit.startNewLog': () => ({ log: 'log-2' }),
})

/** New records, one in a while. */
export const openFakeTail = (send: Send): (() => void) => {
  let seq = AUDIT_TOTAL
  let batch = 0
  const timer = setInterval(() => {
    seq += 1
    batch += 1
    send({ kind: 'items', items: [{ ...auditRecord(seq), atMs: Date.now() }], seq: batch }, () => undefined)
  }, 1500)
  return () => clearInterval(timer)
}

/** A verification that takes a few seconds. */
export const openFakeVerification = (broken: boolean, send: Send): (() => void) => {
  let checked = 0
  const timer = setInterval(() => {
    checked = Math.min(AUDIT_TOTAL, checked + 900)
    const over = checked === AUDIT_TOTAL || (broken && checked > 8214)
    send(
      {
        kind: 'items',
        seq: checked,
        items: [
          over
            ? { kind: 'result', verification: verification(broken) }
            : { kind: 'progress', checked, total: AUDIT_TOTAL },
        ],
      },
      () => undefined,
    )
    if (!over) return
    clearInterval(timer)
    send({ kind: 'end', error: null }, () => undefined)
  }, 120)
  return () => clearInterval(timer)
}
