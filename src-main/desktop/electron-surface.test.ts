import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const electron = vi.hoisted(() => ({ enableSandbox: vi.fn() }))
vi.mock('electron', () => ({ app: electron, BrowserWindow: {}, dialog: {}, shell: {} }))
const { enableSandbox } = await import('./security')

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = ['src-main', 'src-preload', 'src-renderer'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .map((name) => join(ROOT, folder, name)),
)

/** Files whose code matches, from the root of the repository. */
const filesWith = (pattern: RegExp): string[] =>
  SOURCES.filter((file) => pattern.test(readFileSync(file, 'utf8')))
    .map((file) => relative(ROOT, file).split(sep).join('/'))
    .toSorted()

describe("the desktop's use of Electron", () => {
  it('stays in the shell, the entry and the bridge', () => {
    const places = filesWith(/from 'electron'/)
    expect(places).toContain('src-main/index.ts')
    expect(places.filter((file) => !/^src-main\/(desktop\/|index\.ts)|^src-preload\/index\.ts$/.test(file))).toEqual([])
  })

  it('opens addresses in one place', () => {
    expect(filesWith(/\bshell\b.*from 'electron'|\.openExternal\(/)).toEqual(['src-main/desktop/external-links.ts'])
  })

  it('listens to pages in one folder', () => {
    expect(filesWith(/\bipcMain\b/)).toEqual(['src-main/desktop/ipc/index.ts', 'src-main/desktop/ipc/register.ts'])
  })

  it('never weakens a window', () => {
    expect(filesWith(/nodeIntegration: true|contextIsolation: false|webSecurity: false|sandbox: false/)).toEqual([])
    expect(filesWith(/sandbox: true/)).toEqual(['src-main/desktop/window.ts'])
  })

  it('asks for the sandbox of every process, unless the start forbids it', () => {
    enableSandbox(true)
    expect(electron.enableSandbox).not.toHaveBeenCalled()
    enableSandbox(false)
    expect(electron.enableSandbox).toHaveBeenCalledOnce()
  })

  it('is a version that is still supported', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const major = Number(/\d+/.exec(devDependencies.electron)?.[0])
    // Electron supports its newest three major versions; 45 was the newest when this was last looked at.
    expect(major).toBeGreaterThanOrEqual(43)
  })
})
