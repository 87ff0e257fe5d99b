import { STAGED_FOLDERS, type StagedFile } from '../stage'
import { READY_FILE } from './boot'

/**
 * A tar archive of the work folder. Everything belongs to root and is read-only, so that an agent (uid 1000) in a
 * sticky /work can add files but neither change nor remove what was staged. The marker that lets the program begin
 * comes last: when it is there, all else is there.
 */
export const packWorkFolder = async (files: readonly StagedFile[]): Promise<Buffer> => {
  const { pack } = await import('tar-stream')
  const archive = pack()
  const owner = { uid: 0, gid: 0, mtime: new Date(0) }
  for (const name of STAGED_FOLDERS) archive.entry({ name, type: 'directory', mode: 0o755, ...owner })
  for (const file of files) archive.entry({ name: file.path, mode: 0o444, ...owner }, file.bytes)
  archive.entry({ name: READY_FILE, mode: 0o444, ...owner }, '')
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
