import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from './check'
import { dataFolderCheck } from './data-folder'
import { displayCheck } from './display'
import { keyringCheck } from './keyring'
import { librariesCheck } from './libraries'
import { electronRuntimeCheck, isAtLeast, nodeVersionCheck } from './runtime'
import { sqliteCheck } from './sqlite'
import { tierChecks } from './tiers'

const run = (check: Check) => check.run(new AbortController().signal)

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doctor-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('isAtLeast', () => {
  it.each([
    ['22.12.0', '22.12', true],
    ['22.11.9', '22.12', false],
    ['24.0.0', '22.12', true],
    ['v24.21.0', '24.21.0', true],
    ['33.2.1', '37', false],
    ['45.0.0-beta.1', '45', true],
    ['9.9.9', '10', false],
  ])('%s against %s is %s', (found, minimum, expected) => {
    expect(isAtLeast(found, minimum)).toBe(expected)
  })
})

describe('node version', () => {
  it('passes a current Node', async () => {
    expect(await run(nodeVersionCheck({ node: '24.21.0' }))).toMatchObject({ status: 'pass' })
  })
  it('fails an old one and says how to run on the right one', async () => {
    const result = await run(nodeVersionCheck({ node: '20.20.2' }))
    expect(result).toMatchObject({ status: 'fail', command: 'npm run symbi -- doctor' })
    expect(result.cause).toContain('20.20.2')
  })
  it('accepts the older Node that Electron 33 carries', async () => {
    expect(await run(nodeVersionCheck({ node: '20.18.1', electron: '33.2.1' }))).toMatchObject({ status: 'pass' })
  })
})

describe('Electron runtime', () => {
  const standIn = { node: '20.18.1', electron: '33.2.1', chrome: '130.0.6723.137' }
  it('passes a current Electron', async () => {
    const result = await run(electronRuntimeCheck({ versions: { electron: '45.4.1', chrome: '150' }, env: {} }))
    expect(result).toMatchObject({ status: 'pass', cause: 'Electron 45.4.1 with Chromium 150 runs.' })
  })
  it('warns of the stand-in that set-up chose', async () => {
    const env = { ELECTRON_OVERRIDE_DIST_PATH: '/cache/electron' }
    const result = await run(electronRuntimeCheck({ versions: standIn, env }))
    expect(result).toMatchObject({ status: 'warn', command: 'npm run setup' })
    expect(result.cause).toContain('stand-in Electron 33.2.1')
  })
  it('warns of an old Electron that came from elsewhere', async () => {
    const result = await run(electronRuntimeCheck({ versions: standIn, env: {} }))
    expect(result.status).toBe('warn')
    expect(result.cause).toContain('An old Electron 33.2.1')
  })
  it('passes plain Node', async () => {
    expect(await run(electronRuntimeCheck({ versions: { node: '24.21.0' }, env: {} }))).toMatchObject({
      status: 'pass',
    })
  })
})

describe('database', () => {
  it('passes a sound database', async () => {
    expect(await run(sqliteCheck(async () => ({ version: '3.54.1', integrity: 'ok' })))).toMatchObject({
      status: 'pass',
    })
  })
  it('passes when none is open', async () => {
    const result = await run(sqliteCheck(async () => ({ version: '3.54.1', integrity: null })))
    expect(result).toMatchObject({ status: 'pass' })
    expect(result.cause).toContain('no database is open')
  })
  it('fails a damaged one with what was found', async () => {
    const result = await run(sqliteCheck(async () => ({ version: '3.54.1', integrity: 'row 3 missing from index' })))
    expect(result.status).toBe('fail')
    expect(result.cause).toContain('row 3 missing from index')
  })
  it('fails a binding that does not load, and names the command', async () => {
    const result = await run(sqliteCheck(() => Promise.reject(new Error('wrong Node-API version'))))
    expect(result).toMatchObject({ status: 'fail', command: 'npm run setup' })
    expect(result.cause).toContain('wrong Node-API version')
  })
})

describe('data folder', () => {
  const gigabyte = 1024 ** 3
  const check = (folder: string, freeBytes = 50 * gigabyte) =>
    run(dataFolderCheck({ dir: folder, platform: 'linux', freeBytes: async () => freeBytes }))

  it('passes a private folder with room, and leaves nothing in it', async () => {
    await chmod(dir, 0o700)
    expect(await check(dir)).toEqual({
      status: 'pass',
      cause: `${dir} is writable, private, and has 50 GB free.`,
      fix: '',
    })
    expect(await readdir(dir)).toEqual([])
  })
  it('asks the real file system when no port is given', async () => {
    await chmod(dir, 0o700)
    expect((await run(dataFolderCheck({ dir, platform: 'linux' }))).cause).toMatch(/\d+ (GB|MB)/)
  })
  it('warns when others can read it', async () => {
    await chmod(dir, 0o755)
    expect(await check(dir)).toMatchObject({ status: 'warn', command: `chmod 700 '${dir}'` })
  })
  it('does not look at the mode on Windows', async () => {
    await chmod(dir, 0o755)
    const result = await run(dataFolderCheck({ dir, platform: 'win32', freeBytes: async () => 50 * gigabyte }))
    expect(result.status).toBe('pass')
  })
  it('fails a folder that cannot be written', async () => {
    const file = join(dir, 'a-file')
    await writeFile(file, '')
    const result = await check(file)
    expect(result).toMatchObject({ status: 'fail', command: `sudo chown -R "$USER" '${file}'` })
  })
  it('warns when little space is left and fails when almost none is', async () => {
    await chmod(dir, 0o700)
    expect(await check(dir, 500 * 1024 ** 2)).toMatchObject({ status: 'warn' })
    expect(await check(dir, 50 * 1024 ** 2)).toMatchObject({ status: 'fail' })
  })
})

describe('display', () => {
  it.each([
    ['darwin', {}],
    ['win32', {}],
    ['linux', { DISPLAY: ':0' }],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }],
  ] as const)('passes %s with %o', async (platform, env) => {
    expect(await run(displayCheck({ platform, env }))).toMatchObject({ status: 'pass' })
  })
  it('warns on Linux without one, and names the package', async () => {
    const result = await run(displayCheck({ platform: 'linux', env: { PATH: dir } }))
    expect(result.status).toBe('warn')
    expect(result.command).toContain('xvfb')
  })
  it('names no package when a virtual display is installed', async () => {
    await writeFile(join(dir, 'Xvfb'), '', { mode: 0o755 })
    const result = await run(displayCheck({ platform: 'linux', env: { PATH: dir } }))
    expect(result.status).toBe('warn')
    expect(result.command).toBeUndefined()
  })
})

describe('keyring', () => {
  const check = (state: 'reachable' | 'file' | 'unreachable', platform: NodeJS.Platform = 'linux') =>
    run(keyringCheck({ platform, probe: async () => ({ state, note: 'The note.' }) }))

  it('passes a reachable one', async () => {
    expect(await check('reachable')).toEqual({ status: 'pass', cause: 'The note.', fix: '' })
  })
  it('warns of a key in a file', async () => {
    expect(await check('file')).toMatchObject({ status: 'warn', cause: 'The note.' })
  })
  it.each(['linux', 'darwin', 'win32'] as const)('fails an unreachable one on %s, with a fix', async (platform) => {
    const result = await check('unreachable', platform)
    expect(result.status).toBe('fail')
    expect(result.fix).not.toBe('')
  })
})

describe('system libraries', () => {
  const all = [
    'gtk-3.so.0',
    'nss3.so',
    'asound.so.2',
    'gbm.so.1',
    'Xss.so.1',
    'Xtst.so.6',
    'notify.so.4',
    'secret-1.so.0',
  ]
  const listing = (names: readonly string[], mark = 'libc6,x86-64') =>
    `${names.length} libs found in cache\n${names.map((name) => `\tlib${name} (${mark}) => /lib/lib${name}`).join('\n')}\n`
  const check = (list: () => Promise<string>) =>
    run(librariesCheck({ platform: 'linux', arch: 'x64', listLibraries: list }))

  it('passes when all are there', async () => {
    expect(await check(async () => listing(all))).toMatchObject({ status: 'pass' })
  })
  it('fails with the packages of those that are missing', async () => {
    const result = await check(async () =>
      listing(all.filter((name) => !name.startsWith('nss') && !name.startsWith('gtk'))),
    )
    expect(result.status).toBe('fail')
    expect(result.cause).toBe('Missing: libgtk-3.so.0, libnss3.so.')
    expect(result.command).toContain('libgtk-3-0 libnss3')
  })
  it('does not take libraries of another architecture', async () => {
    expect(await check(async () => listing(all, 'libc6'))).toMatchObject({ status: 'fail' })
  })
  it('warns when they cannot be listed', async () => {
    expect(await check(() => Promise.reject(new Error('no ldconfig')))).toMatchObject({ status: 'warn' })
  })
  it('needs none on macOS', async () => {
    expect(await run(librariesCheck({ platform: 'darwin', arch: 'arm64' }))).toMatchObject({ status: 'pass' })
  })
})

describe('tiers', () => {
  const statuses = async () => [
    { tier: 'tier2' as const, status: 'pass' as const, cause: 'gVisor ran a test program.', fix: '', command: null },
  ]
  it('answers each tier with what was found', async () => {
    const [tier2] = tierChecks({ tiers: ['tier2'], statuses })
    expect(tier2?.id).toBe('tier2')
    expect(await tier2?.run(new AbortController().signal)).toMatchObject({ status: 'pass' })
  })
  it('fails a tier that nobody knows', async () => {
    const [tier3] = tierChecks({ tiers: ['tier3'], statuses })
    expect(await tier3?.run(new AbortController().signal)).toMatchObject({ status: 'fail' })
  })
})
