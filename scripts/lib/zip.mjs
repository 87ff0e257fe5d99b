/** Reads a zip archive with what Node itself brings, so that unpacking needs no program of the machine. */
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const LOCAL_HEADER_BYTES = 30
const SYMLINK = 0o120000
const FILE_TYPE = 0o170000

/**
 * @typedef {{ name: string, mode: number, compressed: boolean, packedBytes: number, bytes: number, offset: number }} ZipEntry
 */

/**
 * Parses the central directory (APPNOTE.TXT §4.3.12); archives over 4 GiB (ZIP64) are refused.
 * @param {Buffer} directory
 * @returns {ZipEntry[]}
 */
export function parseDirectory(directory) {
  const entries = []
  let at = 0
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE) {
    const nameBytes = directory.readUInt16LE(at + 28)
    const method = directory.readUInt16LE(at + 10)
    const entry = {
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      compressed: method === 8,
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    }
    if (method !== 0 && method !== 8) throw new Error(`${entry.name} is packed by method ${method}`)
    if (entry.offset === 0xffffffff || entry.bytes === 0xffffffff) throw new Error('the archive is a ZIP64 archive')
    entries.push(entry)
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

/**
 * Unpacks the entries that `rename` gives a name to.
 * @param {string} archive
 * @param {string} folder
 * @param {(name: string) => string | null} rename new name inside `folder`, or null to leave the entry out
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(archive, folder, rename) {
  const entries = parseDirectory(await readDirectory(archive))
  let files = 0
  for (const entry of entries) {
    const renamed = rename(entry.name)
    if (renamed === null) continue
    const target = join(folder, normalize(renamed))
    if (!target.startsWith(folder + sep)) throw new Error(`${entry.name} lies outside the archive`)
    if (entry.name.endsWith('/')) {
      await mkdir(target, { recursive: true })
      continue
    }
    await mkdir(dirname(target), { recursive: true })
    await writeEntry(archive, entry, target)
    files += 1
  }
  return files
}

async function readDirectory(archive) {
  const file = await open(archive)
  try {
    const { size } = await file.stat()
    const endBytes = Math.min(size, 65_557)
    const end = Buffer.alloc(endBytes)
    await file.read(end, 0, endBytes, size - endBytes)
    let at = endBytes - 22
    while (at >= 0 && end.readUInt32LE(at) !== END_SIGNATURE) at -= 1
    if (at < 0) throw new Error(`${archive} is not a zip archive`)
    const directory = Buffer.alloc(end.readUInt32LE(at + 12))
    await file.read(directory, 0, directory.length, end.readUInt32LE(at + 16))
    return directory
  } finally {
    await file.close()
  }
}

async function writeEntry(archive, entry, target) {
  const start = await dataStart(archive, entry)
  const permissions = entry.mode & 0o777 || 0o644
  const source =
    entry.packedBytes === 0 ? null : createReadStream(archive, { start, end: start + entry.packedBytes - 1 })
  if ((entry.mode & FILE_TYPE) === SYMLINK && source) {
    const chunks = []
    for await (const chunk of entry.compressed ? source.pipe(createInflateRaw()) : source) chunks.push(chunk)
    await symlink(Buffer.concat(chunks).toString('utf8'), target)
    return
  }
  const sink = createWriteStream(target, { mode: permissions })
  if (!source) await new Promise((done) => sink.end(done))
  else if (entry.compressed) await pipeline(source, createInflateRaw(), sink)
  else await pipeline(source, sink)
  await chmod(target, permissions)
}

async function dataStart(archive, entry) {
  const file = await open(archive)
  try {
    const header = Buffer.alloc(LOCAL_HEADER_BYTES)
    await file.read(header, 0, LOCAL_HEADER_BYTES, entry.offset)
    return entry.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
  } finally {
    await file.close()
  }
}
