import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from './lock.mjs'
import { createReport, stepError } from './report.mjs'
import { run } from './run.mjs'
import { unzip } from './zip.mjs'

let dir
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'symbi-files-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A zip archive of the given files, as a zip program would write it. */
function zip(files) {
  const parts = []
  const directory = []
  let offset = 0
  for (const { name, text = '', mode = 0o100644, stored = false } of files) {
    const data = Buffer.from(text)
    const packed = stored ? data : deflateRawSync(data)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(stored ? 0 : 8, 8)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(stored ? 0 : 8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(data.length, 24)
    entry.writeUInt16LE(Buffer.byteLength(name), 28)
    entry.writeUInt32LE((mode << 16) >>> 0, 38)
    entry.writeUInt32LE(offset, 42)
    directory.push(entry, Buffer.from(name))
    parts.push(local, Buffer.from(name), packed)
    offset += 30 + Buffer.byteLength(name) + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

describe('unzip', () => {
  const unpack = (files, rename = (name) => name) => {
    writeFileSync(join(dir, 'a.zip'), zip(files))
    return unzip(join(dir, 'a.zip'), join(dir, 'out'), rename)
  }

  it('unpacks files, folders, rights and links', async () => {
    const count = await unpack([
      { name: 'app/' },
      { name: 'app/run', text: '#!/bin/sh\n', mode: 0o100755 },
      { name: 'app/long.txt', text: 'x'.repeat(100_000) },
      { name: 'app/plain.txt', text: 'stored', stored: true },
      { name: 'app/empty', stored: true },
      { name: 'app/link', text: 'run', mode: 0o120777, stored: true },
    ])
    expect(count).toBe(5)
    expect(readFileSync(join(dir, 'out/app/long.txt'), 'utf8')).toHaveLength(100_000)
    expect(readFileSync(join(dir, 'out/app/plain.txt'), 'utf8')).toBe('stored')
    expect(statSync(join(dir, 'out/app/run')).mode & 0o777).toBe(0o755)
    expect(readFileSync(join(dir, 'out/app/link'), 'utf8')).toBe('#!/bin/sh\n')
  })
  it('renames and leaves out', async () => {
    const files = [
      { name: 'a/keep', text: '1' },
      { name: 'a/drop', text: '2' },
    ]
    await unpack(files, (name) => (name === 'a/drop' ? null : name.slice(2)))
    expect(readdirSync(join(dir, 'out'))).toEqual(['keep'])
  })
  it('refuses an entry that leads out of the folder', async () => {
    await expect(unpack([{ name: '../evil', text: 'x' }])).rejects.toThrow('outside')
  })
  it('refuses a file that is no archive', async () => {
    writeFileSync(join(dir, 'b.zip'), 'not a zip archive, but long enough to look like one')
    await expect(unzip(join(dir, 'b.zip'), dir, (name) => name)).rejects.toThrow('not a zip archive')
  })
})

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const order = []
    const work = (name) => async () => {
      order.push(`${name} in`)
      await new Promise((next) => setImmediate(next))
      order.push(`${name} out`)
    }
    await Promise.all(['a', 'b'].map((name) => withLock({ folder: dir, name: 'x' }, work(name))))
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out'])
  })
  it('takes over the lock of a process that no longer lives', async () => {
    const pid = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' })
    writeFileSync(join(dir, 'x.lock'), pid.trim())
    expect(await withLock({ folder: dir, name: 'x' }, async () => 'done')).toBe('done')
  })
  it('gives up on one that lives, in words', async () => {
    writeFileSync(join(dir, 'x.lock'), String(process.pid))
    await expect(withLock({ folder: dir, name: 'x', timeoutMs: 0 }, async () => 'done')).rejects.toThrow('x.lock')
  })
  it('is free again after a failure', async () => {
    await expect(withLock({ folder: dir, name: 'x' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock({ folder: dir, name: 'x' }, async () => 'done')).toBe('done')
  })
})

describe('createReport', () => {
  const recorded = () => {
    const lines = []
    const stream = new Writable({
      write(chunk, _encoding, next) {
        lines.push(String(chunk).trimEnd())
        next()
      },
    })
    return { lines, stream }
  }

  it('prints what is done and how it ended', async () => {
    const { lines, stream } = recorded()
    await createReport({ stream }).step('Packages', async (progress) => {
      progress('installing')
      return { status: 'ok', text: '3 packages' }
    })
    expect(lines).toEqual(['  ..    Packages: installing', '  ok    Packages: 3 packages'])
  })
  it('says nothing of a quiet step that had nothing to do, and all of one that failed', async () => {
    const { lines, stream } = recorded()
    const report = createReport({ stream, quiet: true })
    await report.step('Packages', async () => ({ status: 'ok', text: 'as before' }))
    expect(lines).toEqual([])
    const result = await report.step('Docker', () => Promise.reject(stepError('no socket', 'Start it.')))
    expect(result).toMatchObject({ status: 'fail', text: 'no socket' })
    expect(lines).toEqual(['  fail  Docker: no socket', '        Fix: Start it.'])
  })
})

describe('run', () => {
  it('gives code and output', async () => {
    const result = await run(process.execPath, ['-e', 'console.log("hello"); process.exit(3)'])
    expect(result).toMatchObject({ code: 3, timedOut: false })
    expect(result.output).toContain('hello')
  })
  it('gives code 127 for a program that does not exist', async () => {
    expect(await run('no-such-program-here', [])).toMatchObject({ code: 127 })
  })
  it('ends a program that takes too long', async () => {
    const result = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })
    expect(result).toMatchObject({ timedOut: true })
  })
  it('gives a program its input', async () => {
    const echo = 'process.stdin.pipe(process.stdout)'
    expect((await run(process.execPath, ['-e', echo], { input: 'text' })).output).toBe('text')
  })
})
