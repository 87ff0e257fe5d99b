import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const ProcessRecord = z.strictObject({
  executionId: z.uuid(),
  /** Absent until it was started. */
  pid: z.number().int().positive().optional(),
  /** Absent where the system does not tell (no /proc): such a process is never taken for ours again. */
  startTicks: z.number().optional(),
  workDir: z.string(),
})

/** One process that this engine, or one before it, has started. */
export type ProcessRecord = z.infer<typeof ProcessRecord>

export interface ProcessRecords {
  write(record: ProcessRecord): Promise<void>
  remove(executionId: string): Promise<void>
  list(): Promise<readonly ProcessRecord[]>
}

/** A small file for each process in `dir`, so that one whose engine was killed is found at the next start. */
export const createProcessRecords = (dir: string): ProcessRecords => {
  const fileOf = (executionId: string): string => join(dir, `${executionId}.json`)
  return {
    async write(record) {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      await writeFile(fileOf(record.executionId), JSON.stringify(record), { mode: 0o600 })
    },
    async remove(executionId) {
      await rm(fileOf(executionId), { force: true })
    },
    async list() {
      const names = await readdir(dir).catch(() => [])
      const records = await Promise.all(
        names
          .filter((name) => name.endsWith('.json'))
          .map(async (name) => parse(await readFile(join(dir, name), 'utf8'))),
      )
      return records.filter((record) => record !== undefined)
    },
  }
}

const parse = (text: string): ProcessRecord | undefined => {
  try {
    return ProcessRecord.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
