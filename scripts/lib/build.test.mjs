import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildProblem, stampOf, writeStamp } from './build.mjs'

let base
const put = (path, text = path) => {
  mkdirSync(dirname(join(base, path)), { recursive: true })
  writeFileSync(join(base, path), text)
}

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'symbi-build-'))
  put('src-main/index.ts')
  put('src-main/index.test.ts')
  put('package.json', '{}')
  for (const result of ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html'])
    put(result)
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('buildProblem', () => {
  it('asks for a build when nothing is known of the last one', () => {
    expect(buildProblem(base)).toContain('not known')
  })
  it('asks for none after a build', () => {
    writeStamp(stampOf(base), base)
    expect(buildProblem(base)).toBeNull()
  })
  it.each([
    ['a changed source', () => put('src-main/index.ts', 'changed')],
    ['a new source', () => put('src-main/new.ts')],
    ['a removed source', () => rmSync(join(base, 'src-main/index.ts'))],
    ['other packages', () => put('package.json', '{"a":1}')],
  ])('asks for a build after %s', (_what, change) => {
    writeStamp(stampOf(base), base)
    change()
    expect(buildProblem(base)).toBe('the sources have changed')
  })
  it('asks for a build when a result is gone', () => {
    writeStamp(stampOf(base), base)
    rmSync(join(base, 'out/main/cli.js'))
    expect(buildProblem(base)).toBe('out/main/cli.js is missing')
  })
  it('does not mind tests, nor other times on the same contents', () => {
    writeStamp(stampOf(base), base)
    put('src-main/index.test.ts', 'changed')
    utimesSync(join(base, 'src-main/index.ts'), 1, 1)
    expect(buildProblem(base)).toBeNull()
  })
  it('counts what is saved while the build runs as changed', () => {
    const stamp = stampOf(base)
    put('src-main/index.ts', 'saved meanwhile')
    writeStamp(stamp, base)
    expect(buildProblem(base)).toBe('the sources have changed')
  })
})
