import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { AuditCheckpoint } from '@contract'
import { RuntimeError } from '../core'
import type { Sql, Store } from '../store'
import { forgetAgents } from './agents-index'
import { readSegments, type SegmentRow, segmentText } from './archived'
import { type AuditRow, hashOf } from './audit-row'
import { makePrivateDir, syncDir } from './files'
import { createFrontier } from './merkle'
import { GENESIS_HASH } from './record-hash'
import type { SigningKey } from './signing'
import { createNodes, leafOf } from './tree-nodes'

/** Records that one write removes, and that one read takes. */
const SLICE = 500

const hashAt = (sql: Sql, seq: number): string =>
  seq === 0 ? GENESIS_HASH : (sql.get<{ hash: string }>('SELECT hash FROM audit WHERE seq = :seq', { seq })?.hash ?? '')

/** Seal every full segment that a checkpoint covers. Part of the write of that checkpoint. */
export const sealDue = (
  tx: Sql,
  facts: { checkpoint: AuditCheckpoint; key: SigningKey; segmentRows: number; nowMs: number },
): void => {
  const { checkpoint, key } = facts
  for (;;) {
    const last = tx.get<{ number: number; last_seq: number; last_hash: string }>(
      'SELECT number, last_seq, last_hash FROM audit_segments ORDER BY number DESC LIMIT 1',
    )
    const from = last?.last_seq ?? 0
    // Where the size was changed, a part of the tree must still be a whole one.
    let rows = facts.segmentRows
    while (from % rows !== 0) rows /= 2
    if (from + rows > checkpoint.size) return
    const unsigned = {
      number: (last?.number ?? 0) + 1,
      log: checkpoint.log,
      first_seq: from + 1,
      last_seq: from + rows,
      root: createNodes(tx)(Math.log2(rows), from / rows).toString('hex'),
      prev_hash: last?.last_hash ?? hashAt(tx, from),
      last_hash: hashAt(tx, from + rows),
      sealed_at: facts.nowMs,
      key_id: key.id,
    }
    tx.run(
      `INSERT INTO audit_segments (number, log, first_seq, last_seq, root, prev_hash, last_hash, sealed_at, key_id, signature)
       VALUES (:number, :log, :first_seq, :last_seq, :root, :prev_hash, :last_hash, :sealed_at, :key_id, :signature)`,
      { ...unsigned, signature: key.sign(segmentText(unsigned)) },
    )
  }
}

/** A slice of lines at a time: each piece costs the compressor a turn of the event loop, however small it is. */
async function* slicesOf(sql: Sql, segment: SegmentRow): AsyncGenerator<string> {
  for (let from = segment.first_seq; from <= segment.last_seq; from += SLICE) {
    const to = Math.min(from + SLICE - 1, segment.last_seq)
    const rows = sql.all<AuditRow>('SELECT * FROM audit WHERE seq BETWEEN :from AND :to ORDER BY seq', { from, to })
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** The records of an archive, in order. @throws when the file is not there or not whole */
export async function* readArchive(dir: string, file: string): AsyncGenerator<AuditRow> {
  const source = createReadStream(join(dir, file))
  const unzipped = createGunzip()
  source.on('error', (error) => unzipped.destroy(error))
  source.pipe(unzipped)
  for await (const line of createInterface({ input: unzipped })) if (line !== '') yield JSON.parse(line) as AuditRow
}

/**
 * Hold an archive against its seal: every hash, the chain and the root.
 * @throws AUDIT_002 when it is not, record for record, what was sealed
 */
export const checkArchive = async (dir: string, segment: SegmentRow): Promise<void> => {
  const bad = (text: string): RuntimeError =>
    new RuntimeError('AUDIT_002', `The archive ${segment.archive_file}: ${text}`)
  const frontier = createFrontier()
  let prevHash = segment.prev_hash
  for await (const row of readArchive(dir, segment.archive_file ?? '')) {
    const expected = segment.first_seq + frontier.size()
    if (row.seq !== expected || row.prev_hash !== prevHash || hashOf(row) !== row.hash)
      throw bad(`record ${expected} was changed.`)
    frontier.append(leafOf(row.hash))
    prevHash = row.hash
    if (frontier.size() % SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  if (prevHash !== segment.last_hash || frontier.root().toString('hex') !== segment.root)
    throw bad('it does not hold what was sealed.')
}

const writeArchive = async (sql: Sql, dir: string, segment: SegmentRow): Promise<{ file: string; bytes: number }> => {
  await makePrivateDir(dir)
  const file = `records-${segment.first_seq}-${segment.last_seq}.jsonl.gz`
  const unfinished = join(dir, `${file}.new`)
  await rm(unfinished, { force: true })
  await pipeline(
    Readable.from(slicesOf(sql, segment)),
    createGzip(),
    createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true }),
  )
  // Proven by reading it whole, before anything leaves the database.
  await checkArchive(dir, { ...segment, archive_file: `${file}.new` })
  await rename(unfinished, join(dir, file))
  await syncDir(dir)
  const handle = await open(join(dir, file))
  try {
    return { file, bytes: (await handle.stat()).size }
  } finally {
    await handle.close()
  }
}

/** Remove what an archived segment still has in the database; goes on where an earlier attempt ended. */
const removeRows = async (store: Store, segment: SegmentRow): Promise<void> => {
  for (;;) {
    const removed = await store.write((tx) => {
      const range = { first: segment.first_seq, last: segment.last_seq, slice: SLICE }
      const ids = 'SELECT seq FROM audit WHERE seq BETWEEN :first AND :last ORDER BY seq LIMIT :slice'
      tx.run(`DELETE FROM audit_text WHERE rowid IN (${ids})`, range)
      forgetAgents(tx, ids, range)
      return tx.run(`DELETE FROM audit WHERE seq IN (${ids})`, range)
    })
    if (removed < SLICE) return
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Finish what a power cut interrupted. */
export const finishArchiving = async (store: Store): Promise<void> => {
  for (const segment of readSegments(store)) {
    if (segment.archived_at === null) return
    await removeRows(store, segment)
  }
}

/**
 * Move the oldest sealed segments into compressed files, so that at least `keepRows` records stay in the database. The
 * signed seal of each stays, so the trail verifies as before and says how much is archived.
 */
export const archiveOldest = async (
  store: Store,
  options: { dir: string; keepRows: number; nowMs: number },
): Promise<{ segments: number; rows: number }> => {
  const head = store.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
  let segments = 0
  let rows = 0
  for (const segment of readSegments(store)) {
    if (segment.archived_at !== null) continue
    if (head - segment.last_seq < options.keepRows) break
    const size = segment.last_seq - segment.first_seq + 1
    const { file, bytes } = await writeArchive(store, options.dir, segment)
    await store.write((tx) =>
      tx.run(
        'UPDATE audit_segments SET archive_file = :file, archive_bytes = :bytes, archived_at = :at WHERE number = :number',
        { file, bytes, at: options.nowMs, number: segment.number },
      ),
    )
    await removeRows(store, segment)
    segments += 1
    rows += size
  }
  return { segments, rows }
}
