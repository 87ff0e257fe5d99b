import { copyFile, type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditExport } from '@contract'
import { asRuntimeError, RuntimeError } from '../core'
import type { Sql } from '../store'
import { readSegments, type SegmentRow } from './archived'
import type { AuditRow } from './audit-row'
import { checkpointsAfter } from './checkpoint'
import { syncDir, writeNewFile } from './files'
import { readKeyHistory } from './key-history'
import { readArchive } from './segments'

const SLICE = 500

export interface ExportOptions {
  /** Must not exist, or be empty; made with mode 0700. */
  readonly folder: string
  /** Where the archives of sealed segments lie. */
  readonly archiveDir: string
  /** The offline verifier, copied beside the records; null leaves it out. */
  readonly verifier: string | null
  readonly nowMs: number
  readonly signal?: AbortSignal | undefined
}

const lineOf = (row: AuditRow): string => `${JSON.stringify(row)}\n`

const createFile = (folder: string, name: string): Promise<FileHandle> => open(join(folder, name), 'wx', 0o600)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Archived records first, then those in the database up to `head`. */
const writeRecords = async (
  sql: Sql,
  file: FileHandle,
  facts: ExportOptions & { readonly segments: readonly SegmentRow[]; readonly head: number },
): Promise<{ archived: number; records: number }> => {
  let archived = 0
  for (const segment of facts.segments) {
    let lines: string[] = []
    for await (const row of readArchive(facts.archiveDir, segment.archive_file ?? '')) {
      lines.push(lineOf(row))
      archived += 1
      if (lines.length < SLICE) continue
      facts.signal?.throwIfAborted()
      await file.appendFile(lines.join(''))
      lines = []
    }
    await file.appendFile(lines.join(''))
  }
  let records = archived
  for (let from = facts.segments.at(-1)?.last_seq ?? 0; from < facts.head; ) {
    facts.signal?.throwIfAborted()
    const rows = sql.all<AuditRow>('SELECT * FROM audit WHERE seq > :from AND seq <= :head ORDER BY seq LIMIT :slice', {
      from,
      head: facts.head,
      slice: SLICE,
    })
    const last = rows.at(-1)
    if (last === undefined) break
    await file.appendFile(rows.map(lineOf).join(''))
    records += rows.length
    from = last.seq
    await turn()
  }
  return { archived, records }
}

const writeCheckpoints = async (sql: Sql, file: FileHandle, head: number): Promise<number> => {
  let count = 0
  for (let number = 0; ; ) {
    const some = checkpointsAfter(sql, number, SLICE).filter(({ size }) => size <= head)
    const last = some.at(-1)
    if (last === undefined) return count
    await file.appendFile(some.map((checkpoint) => `${JSON.stringify(checkpoint)}\n`).join(''))
    count += some.length
    number = last.number
    await turn()
  }
}

/**
 * Write the whole trail into a folder that can be verified anywhere: records.jsonl (rows as stored), checkpoints.jsonl,
 * keys.json, manifest.json and the offline verifier. Only reads the database, so it may run beside the console.
 *
 * @throws STORE_001 when the folder cannot be written, AUDIT_003 when an archive is missing
 */
export const exportTrail = async (sql: Sql, options: ExportOptions): Promise<AuditExport> => {
  const { folder } = options
  try {
    // Before the records: what is signed must be among them.
    const head = sql.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
    const all = readSegments(sql)
    const segments = all.filter(({ archived_at: at }) => at !== null)
    const archivedTo = segments.at(-1)?.last_seq ?? 0
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const recordFile = await createFile(folder, 'records.jsonl')
    let written: { archived: number; records: number }
    try {
      written = await writeRecords(sql, recordFile, { ...options, segments, head: Math.max(head, archivedTo) })
      await recordFile.sync()
    } finally {
      await recordFile.close()
    }
    const checkpointFile = await createFile(folder, 'checkpoints.jsonl')
    let checkpoints: number
    try {
      checkpoints = await writeCheckpoints(sql, checkpointFile, Math.max(head, archivedTo))
      await checkpointFile.sync()
    } finally {
      await checkpointFile.close()
    }
    const { statements } = readKeyHistory(sql)
    await writeNewFile(folder, 'keys.json', `${JSON.stringify(statements, null, 2)}\n`)
    const manifest = {
      format: 'symbi-audit-export-v1',
      exportedAtMs: options.nowMs,
      records: written.records,
      archivedRecords: written.archived,
      checkpoints,
      keys: statements.length,
    }
    await writeNewFile(folder, 'manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
    if (options.verifier !== null) await copyFile(options.verifier, join(folder, 'verify-audit.mjs'))
    await syncDir(folder)
    return { folder, records: written.records, checkpoints, archivedRecords: written.archived }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new RuntimeError('AUDIT_003', 'An archive of the audit trail is missing, so the export is not complete.', {
        cause: error,
      })
    throw asRuntimeError(error, 'STORE_001', 'The export could not be written')
  }
}
