import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasDisplay } from './display.mjs'
import { dockerAddress } from './docker-engine.mjs'
import { firstError, needsCompiledSqlite, recentFailure } from './electron-runtime.mjs'
import { cacheDir, root } from './paths.mjs'
import { envFor } from './runtime-env.mjs'
import { nodeResult } from './setup-steps.mjs'
import { forOlderNodeApi } from './sqlite-binding.mjs'
import { standInExistsFor } from './stand-in.mjs'
import { parseLibraries } from './system-packages.mjs'

let dir
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'symbi-machine-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('nodeResult', () => {
  it.each(['20.0.0', '24.21.0'])('takes %s', (version) => {
    expect(nodeResult(version).status).toBe('ok')
  })
  it('refuses an old one and says what to do', () => {
    expect(nodeResult('18.20.4')).toMatchObject({ status: 'fail', fix: expect.stringContaining('nodejs.org') })
  })
})

describe('cacheDir', () => {
  it.each([
    ['linux', {}, join('/home/a', '.cache', 'symbi-console')],
    ['linux', { XDG_CACHE_HOME: '/cache' }, join('/cache', 'symbi-console')],
    ['darwin', {}, join('/home/a', 'Library', 'Caches', 'symbi-console')],
    ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'symbi-console', 'Cache')],
  ])('on %s with %o is %s', (platform, env, expected) => {
    expect(cacheDir({ platform, env, home: '/home/a' })).toBe(expected)
  })
})

describe('parseLibraries', () => {
  const listing =
    '2 libs found\n\tlibgtk-3.so.0 (libc6,x86-64) => /lib/libgtk-3.so.0\n\tlibnss3.so (libc6) => /lib32/libnss3.so\n'
  it('takes the libraries of the architecture and no others', () => {
    expect([...parseLibraries(listing, 'x64')]).toEqual(['libgtk-3.so.0'])
  })
  it('takes all where the architecture has no mark', () => {
    expect(parseLibraries(listing, 'riscv64').size).toBe(2)
  })
})

describe('dockerAddress', () => {
  it.each([
    [{}, 'linux', { socketPath: '/var/run/docker.sock' }],
    [{}, 'win32', { socketPath: '//./pipe/docker_engine' }],
    [{ DOCKER_HOST: 'unix:///run/user/1/docker.sock' }, 'linux', { socketPath: '/run/user/1/docker.sock' }],
    [{ DOCKER_HOST: 'tcp://10.0.0.5:2376' }, 'linux', { host: '10.0.0.5', port: 2376 }],
    [{ DOCKER_HOST: 'tcp://box' }, 'linux', { host: 'box', port: 2375 }],
    [{ DOCKER_HOST: 'ssh://box' }, 'linux', null],
  ])('%o on %s', (env, platform, options) => {
    expect(dockerAddress({ env, platform }).options).toEqual(options)
  })
})

describe('recentFailure', () => {
  const file = () => join(dir, 'failed.json')
  it('remembers why the last download failed, for a day', () => {
    writeFileSync(file(), JSON.stringify({ atMs: 1_000, reason: 'fetch failed' }))
    expect(recentFailure(file(), 2_000)).toBe('fetch failed')
    expect(recentFailure(file(), 1_000 + 24 * 60 * 60_000)).toBeNull()
  })
  it('forgets one that lies in the future, as after the clock was set back', () => {
    writeFileSync(file(), JSON.stringify({ atMs: 5_000, reason: 'fetch failed' }))
    expect(recentFailure(file(), 2_000)).toBeNull()
  })
  it('takes a missing or broken file for none', () => {
    expect(recentFailure(file())).toBeNull()
    writeFileSync(file(), '{"atMs":')
    expect(recentFailure(file())).toBeNull()
  })
})

describe('firstError', () => {
  it('takes the cause where there is one', () => {
    expect(firstError('TypeError: fetch failed\n    at x\n  [cause]: Error: connect ECONNREFUSED\n')).toBe(
      'connect ECONNREFUSED',
    )
  })
  it('takes the first line otherwise', () => {
    expect(firstError('\nTypeError: fetch failed\n    at x\n')).toBe('fetch failed')
  })
  it('has words for silence', () => {
    expect(firstError('')).toBe('the installer failed')
  })
})

describe('envFor', () => {
  const bin = join(root, 'node_modules', '.bin')
  const binding = () => {
    const file = join(dir, 'better_sqlite3.node')
    writeFileSync(file, '')
    return file
  }
  const standIn = { kind: 'stand-in', version: '33.2.1', dist: '/cache/electron', exec: '/cache/electron/electron' }

  it('changes only PATH for the official Electron', () => {
    const runtime = { ...standIn, kind: 'official', version: '45.4.1' }
    expect(envFor({ runtime, binding: binding(), path: '/bin' })).toEqual({ PATH: `${bin}${delimiter}/bin` })
  })
  it('names the stand-in and its SQLite binding', () => {
    const file = binding()
    expect(envFor({ runtime: standIn, binding: file, path: '/bin' })).toMatchObject({
      ELECTRON_OVERRIDE_DIST_PATH: '/cache/electron',
      ELECTRON_EXEC_PATH: '/cache/electron/electron',
      SYMBI_SQLITE_BINDING: file,
    })
  })
  it('names no binding that is not there, nor one that is not needed', () => {
    expect(envFor({ runtime: standIn, binding: join(dir, 'none.node'), path: '' })).not.toHaveProperty(
      'SYMBI_SQLITE_BINDING',
    )
    const given = { ...standIn, kind: 'given', version: '45.4.1' }
    expect(envFor({ runtime: given, binding: binding(), path: '' })).not.toHaveProperty('SYMBI_SQLITE_BINDING')
  })
  it('puts the packages first in PATH, once', () => {
    const path = ['/bin', bin].join(delimiter)
    expect(envFor({ runtime: null, binding: '', path }).PATH).toBe([bin, '/bin'].join(delimiter))
  })
})

describe('SQLite for an older Electron', () => {
  it('is needed before Electron 37', () => {
    expect(needsCompiledSqlite({ version: '36.9.0' })).toBe(true)
    expect(needsCompiledSqlite({ version: '37.0.0' })).toBe(false)
  })
  it('exchanges the Node-API version', () => {
    expect(forOlderNodeApi("'defines': ['NAPI_VERSION=10', 'X']")).toContain("'NAPI_EXPERIMENTAL'")
  })
  it('refuses a build file that it does not know', () => {
    expect(() => forOlderNodeApi("'defines': ['NAPI_VERSION=11']")).toThrow('another way')
  })
})

describe('what a machine has', () => {
  it('needs a display on Linux only', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })
  it('has a stand-in for Linux on x64 only', () => {
    expect(standInExistsFor('linux', 'x64')).toBe(true)
    expect(standInExistsFor('linux', 'arm64')).toBe(false)
    expect(standInExistsFor('darwin', 'x64')).toBe(false)
  })
})
