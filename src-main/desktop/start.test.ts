import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { readCommandLine } from './command-line'
import { createCrashLimit } from './crash-limit'
import { createMarks, marksToFile } from './marks'
import { createDeferredReport, plainReport } from './report'

describe('readCommandLine', () => {
  it('reads our flags in both spellings, among those of Chromium', () => {
    const argv = [
      'electron',
      '.',
      '--no-sandbox',
      '--data-dir',
      '/a',
      '--disable-gpu',
      '--config=/b.toml',
      '--devtools',
    ]
    expect(readCommandLine(argv)).toEqual({
      dataDir: '/a',
      configPath: '/b.toml',
      noSandbox: true,
      devtools: true,
    })
    expect(readCommandLine(['electron', '--data-dir=/a=b'])).toMatchObject({ dataDir: '/a=b', noSandbox: false })
  })

  it('takes no other flag for a value', () => {
    expect(readCommandLine(['--data-dir', '--devtools'])).toMatchObject({ dataDir: undefined, devtools: true })
    expect(readCommandLine(['--data-dir'])).toMatchObject({ dataDir: undefined })
  })
})

describe('marks', () => {
  it('count from the creation of the process, and only the first time', () => {
    let now = 1_000
    const marks = createMarks({ startedAtMs: 900, nowMs: () => now })
    marks.mark('main-js')
    now = 1_500
    marks.mark('main-js')
    marks.mark('shell-painted')
    expect(marks.sinceStartMs()).toEqual({ 'main-js': 100, 'shell-painted': 600 })
  })

  it('are kept in a file as they come', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'marks-'))
    const path = join(folder, 'marks.json')
    const marks = createMarks({ startedAtMs: 0, nowMs: () => 5, onMark: marksToFile(path) })
    marks.mark('main-js')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ pid: process.pid, sinceStartMs: { 'main-js': 5 } })
    await rm(folder, { recursive: true })
  })
})

describe('an early report', () => {
  it('is kept until there is a log, in order, then passed on', () => {
    const report = createDeferredReport()
    report.info({ n: 1 }, 'first')
    report.error({ n: 2 }, 'second')
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    report.attach(log)
    report.warn({ n: 3 }, 'third')
    expect([log.info.mock.calls, log.error.mock.calls, log.warn.mock.calls]).toEqual([
      [[{ n: 1 }, 'first']],
      [[{ n: 2 }, 'second']],
      [[{ n: 3 }, 'third']],
    ])
  })

  it('counts what it cannot keep', () => {
    const report = createDeferredReport()
    for (let n = 0; n < 600; n += 1) report.info({ n }, 'flood')
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    report.attach(log)
    expect(log.info).toHaveBeenCalledTimes(500)
    expect(log.warn).toHaveBeenCalledExactlyOnceWith({ dropped: 100 }, 'early log lines were dropped')
  })

  it('of last resort is a line of JSON without a stack', () => {
    const lines: string[] = []
    plainReport((line) => lines.push(line)).error({ error: new Error('no module') }, 'could not start')
    expect(lines).toEqual(['{"level":"error","error":"no module","msg":"could not start"}\n'])
  })
})

describe('the crash limit', () => {
  it('allows three in a minute, and again later', () => {
    const limit = createCrashLimit({ most: 3, withinMs: 60_000 })
    expect([0, 1, 2, 3].map((atMs) => limit.allow(atMs))).toEqual([true, true, true, false])
    expect(limit.allow(120_000)).toBe(true)
  })
})
