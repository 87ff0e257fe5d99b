import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { Header, Pack } from 'tar-stream'
import { RuntimeError } from '../../core'
import { createDeferred } from '../deferred'
import type { NodeBinary } from '../node-binary'

const run = promisify(execFile)

/** Raise when the recipe below changes, so that images made by an older one are not taken for the same. */
const RECIPE = 1

interface ImageFile {
  /** Where it stands in the image. */
  readonly path: string
  /** Where it is read from on this machine: a regular file. */
  readonly from: string
  readonly sizeBytes: number
  readonly mode: number
}

/** An image that can be made from what this machine has. */
export interface LocalImage {
  /** Repository and tag; equal for equal contents. */
  readonly reference: string
  /** What the image's label has to say for it to be the same. */
  readonly fingerprint: string
  /** The file system of the image as a tar archive. */
  open(signal: AbortSignal): Promise<Readable>
}

/**
 * Plan an image out of this machine's own Node.js, a shell and tar, each with the libraries that the dynamic linker
 * names for it. For machines that reach no registry; about as large as the Node.js binary.
 * @throws SANDBOX_003 where that cannot work: not Linux, or a program is missing.
 */
export const planLocalImage = async (node: NodeBinary): Promise<LocalImage> => {
  if (process.platform !== 'linux') {
    throw new RuntimeError('SANDBOX_003', 'An image can be made from this machine’s own Node.js on Linux only.', {
      nextStep: 'Connect to a registry so that the image can be pulled, then try again.',
    })
  }
  const programs = [
    { path: '/usr/local/bin/node', from: node.path },
    { path: '/bin/sh', from: await onPath('sh') },
    { path: '/bin/tar', from: await onPath('tar') },
  ]
  const libraries = (await Promise.all(programs.map((program) => librariesOf(program.from)))).flat()
  const wanted = [...programs, ...[...new Set(libraries)].sort().map((path) => ({ path, from: path }))]
  const files = await Promise.all(wanted.map(describe))
  const fingerprint = fingerprintOf(files)
  return {
    reference: `symbi-agent:node${node.version}-${fingerprint.slice(0, 12)}`,
    fingerprint,
    open: (signal) => openArchive(files, signal),
  }
}

/**
 * Equal for equal paths, sizes and times of change. Not a hash of the contents, which would read 100 MB at every
 * start to say the same: whoever can change these files unseen owns this machine already.
 */
const fingerprintOf = (files: readonly (ImageFile & { readonly changedAtMs: number })[]): string =>
  createHash('sha256')
    .update(JSON.stringify([RECIPE, files.map((file) => [file.path, file.sizeBytes, file.changedAtMs])]))
    .digest('hex')

const describe = async ({ path, from }: { path: string; from: string }) => {
  const real = await realpath(from)
  const facts = await stat(real)
  return { path, from: real, sizeBytes: facts.size, mode: 0o755, changedAtMs: Math.floor(facts.mtimeMs) }
}

const onPath = async (program: string): Promise<string> => {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    '/usr/bin',
    '/bin',
  ]
  for (const folder of folders) {
    const path = join(folder, program)
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  throw new RuntimeError('SANDBOX_003', `The sandbox image cannot be made here: ${program} is missing.`, {
    nextStep: `Install ${program}, or connect to a registry, then try again.`,
  })
}

/** The libraries of a program and its dynamic linker. A static program has none. */
const librariesOf = async (program: string): Promise<readonly string[]> => {
  const told = await run('ldd', [program], { timeout: 10_000, env: { ...process.env, LC_ALL: 'C' } }).catch(
    (cause: unknown) => {
      if (cause instanceof Error && /not a dynamic executable/.test(cause.message)) return { stdout: '' }
      throw new RuntimeError('SANDBOX_003', 'The sandbox image cannot be made here: ldd could not list libraries.', {
        cause,
        nextStep: 'Install ldd (package libc-bin on Debian), or connect to a registry, then try again.',
      })
    },
  )
  return [...told.stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1] ?? '')
}

const FOLDERS = ['tmp', 'work', 'proc', 'sys', 'dev', 'etc', 'bin', 'lib', 'usr', 'usr/local', 'usr/local/bin']
const PASSWD = 'root:x:0:0:root:/:/bin/sh\nagent:x:1000:1000:agent:/work:/bin/sh\n'
const GROUP = 'root:x:0:\nagent:x:1000:\n'

const openArchive = async (files: readonly ImageFile[], signal: AbortSignal): Promise<Readable> => {
  const { pack } = await import('tar-stream')
  const archive = pack()
  const abort = (): void => archive.destroy(new Error('called off'))
  signal.addEventListener('abort', abort, { once: true })
  const fill = async (): Promise<void> => {
    const owner = { uid: 0, gid: 0, mtime: new Date(0) }
    const openToAll = new Set(['tmp', 'work'])
    for (const name of FOLDERS) {
      archive.entry({ name, type: 'directory', mode: openToAll.has(name) ? 0o1777 : 0o755, ...owner })
    }
    archive.entry({ name: 'etc/passwd', mode: 0o644, ...owner }, PASSWD)
    archive.entry({ name: 'etc/group', mode: 0o644, ...owner }, GROUP)
    for (const file of files) {
      const header = { name: file.path.slice(1), size: file.sizeBytes, mode: file.mode, ...owner }
      await addFile(archive, { header, from: file.from })
    }
    archive.finalize()
  }
  fill()
    .catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))))
    .finally(() => signal.removeEventListener('abort', abort))
  return Readable.from(archive, { objectMode: false })
}

interface AddedFile {
  readonly header: Partial<Header> & { readonly name: string }
  readonly from: string
}

const addFile = async (archive: Pack, { header, from }: AddedFile): Promise<void> => {
  const written = createDeferred<void>()
  const entry = archive.entry(header, (error) => (error ? written.reject(error) : written.resolve(undefined)))
  written.promise.catch(() => undefined)
  for await (const chunk of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
    if (entry.write(chunk)) continue
    const drained = new Promise<void>((resolve) => {
      entry.once('drain', () => resolve())
    })
    await Promise.race([drained, written.promise])
  }
  entry.end(null)
  await written.promise
}
