import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../testing/temp-dir'
import { cli, correlation, type Opened, openTrail } from './fixtures/open-trail'

const VERIFIER = resolve('resources/verifier/verify-audit.mjs')
const record = { caller: cli, correlationId: correlation(9) }

interface Verdict {
  readonly code: number
  readonly ok: boolean
  readonly problem?: string
  readonly firstBadSeq?: number | null
  readonly records?: number
  readonly notes?: string[]
}

/** Run the offline verifier in a process of its own. */
const offline = (...args: string[]): Promise<Verdict> =>
  new Promise((done) => {
    execFile(process.execPath, [VERIFIER, ...args, '--json'], (error, stdout) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, ...JSON.parse(stdout) })
    })
  })

/** A trail with a rotated key, archived segments and 700 records in all, exported. */
const makeExport = async (): Promise<Opened & { folder: string; anchor: string }> => {
  const opened = await openTrail({ everyRows: 50 })
  const { trail, append, dir } = opened
  await append(300, (n) => ({ details: { n, text: 'naïve – “quoted” \ud83d' } }))
  await trail.rotateKey(record, 'every quarter')
  await append(399)
  await trail.checkpoint()
  await trail.archive(200)
  const folder = join(tempDir(), 'export')
  expect(await trail.export(folder)).toMatchObject({ records: 700, archivedRecords: 256 })
  return { ...opened, folder, anchor: join(dir, 'audit', 'anchors', 'checkpoints.log') }
}

describe('an export', () => {
  it('A10: verifies with nothing but Node, archived records and a rotated key included', async () => {
    const { folder, anchor } = await makeExport()
    expect(await offline(folder)).toMatchObject({ code: 0, ok: true, records: 700, signedTo: 700, notes: [] })
    expect(await offline(folder, '--anchor', anchor)).toMatchObject({ code: 0, ok: true })
    const keys = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as { keyId: string }[]
    expect(keys).toHaveLength(2)
    expect(await offline(folder, '--key', keys[0]?.keyId ?? '')).toMatchObject({ ok: true })
    expect(await offline(folder, '--key', '00')).toMatchObject({ code: 1, ok: false })
    expect(existsSync(join(folder, 'verify-audit.mjs'))).toBe(true)
    expect(await offline(join(folder, 'nowhere'))).toMatchObject({ code: 2, ok: false })
  })

  it('does not verify once anything in it was changed', async () => {
    const { folder, anchor } = await makeExport()
    const records = join(folder, 'records.jsonl')
    const checkpoints = join(folder, 'checkpoints.jsonl')
    const keys = join(folder, 'keys.json')
    const edit =
      (file: string, change: (lines: string[]) => string[]): (() => void) =>
      () =>
        writeFileSync(file, change(readFileSync(file, 'utf8').trimEnd().split('\n')).join('\n').concat('\n'))
    const cases: [string, () => void, number | null][] = [
      ['edited', edit(records, (lines) => lines.with(99, (lines[99] ?? '').replace('reason 100', 'reason 1OO'))), 100],
      ['deleted', edit(records, (lines) => lines.toSpliced(499, 1)), 500],
      ['swapped', edit(records, (lines) => lines.with(9, lines[10] ?? '').with(10, lines[9] ?? '')), 10],
      ['inserted', edit(records, (lines) => lines.toSpliced(20, 0, lines[3] ?? '')), 21],
      ['truncated', edit(records, (lines) => lines.slice(0, 640)), 641],
      ['no checkpoint in between', edit(checkpoints, (lines) => lines.toSpliced(1, 1)), null],
      [
        'a changed checkpoint',
        edit(checkpoints, (lines) => lines.with(2, (lines[2] ?? '').replace(/"atMs":\d+/, '"atMs":5'))),
        null,
      ],
      [
        'a changed signature',
        edit(checkpoints, (lines) =>
          lines.with(
            -1,
            (lines.at(-1) ?? '').replace(
              /"signature":"(.)/,
              (_all, digit) => `"signature":"${digit === '0' ? '1' : '0'}`,
            ),
          ),
        ),
        null,
      ],
      ['a changed key entry', edit(keys, (lines) => lines.map((line) => line.replace('every quarter', 'never'))), null],
    ]
    for (const [name, tamper, firstBadSeq] of cases) {
      const kept = tempDir()
      cpSync(folder, kept, { recursive: true })
      tamper()
      const verdict = await offline(folder)
      expect([name, verdict.code, verdict.ok]).toEqual([name, 1, false])
      if (firstBadSeq !== null) expect([name, verdict.firstBadSeq]).toEqual([name, firstBadSeq])
      rmSync(folder, { recursive: true })
      cpSync(kept, folder, { recursive: true })
    }
    expect(await offline(folder, '--anchor', anchor)).toMatchObject({ ok: true })
    // An export that was cut off cleanly, with its newest checkpoints and its manifest, is seen with the anchor alone.
    edit(records, (lines) => lines.slice(0, 600))()
    edit(checkpoints, (lines) => lines.filter((line) => JSON.parse(line).size <= 600))()
    rmSync(join(folder, 'manifest.json'))
    expect(await offline(folder)).toMatchObject({ ok: true })
    expect(await offline(folder, '--anchor', anchor)).toMatchObject({ code: 1, ok: false })
  })

  it('goes with proofs that verify by themselves, and not when they are changed', async () => {
    const { trail, append } = await openTrail({ everyRows: 50 })
    await append(130, (n) => ({ details: { b: n, a: ['x', null] } }))
    await trail.checkpoint()
    await append(37)
    await trail.checkpoint()
    const file = join(tempDir(), 'proof.json')
    for (const seq of [1, 77, 130, 167]) {
      const proof = trail.proveInclusion(seq)
      writeFileSync(file, JSON.stringify(proof))
      expect(await offline('--proof', file)).toMatchObject({ code: 0, ok: true, seq, size: 167 })
      writeFileSync(file, JSON.stringify({ ...proof, record: { ...proof.record, reason: 'x' } }))
      expect(await offline('--proof', file)).toMatchObject({ code: 1, ok: false, firstBadSeq: seq })
      writeFileSync(file, JSON.stringify({ ...proof, path: proof.path.slice(1) }))
      expect(await offline('--proof', file)).toMatchObject({ code: 1, ok: false })
    }
    const proof = trail.proveConsistency(130)
    writeFileSync(file, JSON.stringify(proof))
    expect(await offline('--proof', file)).toMatchObject({ code: 0, ok: true, from: 130, to: 167 })
    writeFileSync(file, JSON.stringify({ ...proof, path: proof.path.toReversed() }))
    expect(await offline('--proof', file)).toMatchObject({ code: 1, ok: false })
  })

  it('is refused into a folder that holds one, and when an archive is gone', async () => {
    const { trail, folder, dir } = await makeExport()
    await expect(trail.export(folder)).rejects.toMatchObject({ code: 'STORE_001' })
    rmSync(join(dir, 'audit', 'archives'), { recursive: true })
    await expect(trail.export(join(tempDir(), 'other'))).rejects.toMatchObject({ code: 'AUDIT_003' })
  })
})

describe('the offline verifier', () => {
  it('says on bad arguments what it wants', async () => {
    expect(await offline()).toMatchObject({ code: 2, problem: 'name a folder, or --proof and a file' })
    expect(await offline('x', '--what')).toMatchObject({ code: 2, problem: 'not known: --what' })
  })

  it('passes over lines of an anchor that are torn or that nobody signed', async () => {
    const { folder, anchor } = await makeExport()
    const [line = ''] = readFileSync(anchor, 'utf8').split('\n')
    appendFileSync(anchor, `${line.slice(0, 30)}\n${line.replace(/"root":"../, '"root":"00')}\n`)
    expect(await offline(folder, '--anchor', anchor)).toMatchObject({ ok: true })
  })
})
