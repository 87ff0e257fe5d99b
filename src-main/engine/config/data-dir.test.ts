import { describe, expect, it } from 'vitest'
import { type DataDirFacts, resolveDataDir } from './data-dir'

const linux: DataDirFacts = { flag: undefined, env: {}, platform: 'linux', homeDir: '/home/ada', workingDir: '/srv' }

describe('resolveDataDir', () => {
  it('takes the flag before the environment', () => {
    const env = { SYMBI_DATA_DIR: '/from/env' }
    expect(resolveDataDir({ ...linux, flag: '/from/flag', env })).toBe('/from/flag')
    expect(resolveDataDir({ ...linux, env })).toBe('/from/env')
  })

  it('makes a relative choice absolute and ignores an empty one', () => {
    expect(resolveDataDir({ ...linux, flag: 'data' })).toBe('/srv/data')
    expect(resolveDataDir({ ...linux, flag: '', env: { SYMBI_DATA_DIR: '' } })).toBe(
      '/home/ada/.local/share/symbi-console',
    )
  })

  it('follows XDG_DATA_HOME only when it is absolute', () => {
    expect(resolveDataDir({ ...linux, env: { XDG_DATA_HOME: '/data' } })).toBe('/data/symbi-console')
    expect(resolveDataDir({ ...linux, env: { XDG_DATA_HOME: 'data' } })).toBe('/home/ada/.local/share/symbi-console')
  })

  it('knows the places of macOS and Windows', () => {
    expect(resolveDataDir({ ...linux, platform: 'darwin', homeDir: '/Users/ada' })).toBe(
      '/Users/ada/Library/Application Support/Symbi Console',
    )
    const windows = { ...linux, platform: 'win32' as const, homeDir: 'C:\\Users\\ada', workingDir: 'C:\\' }
    expect(resolveDataDir({ ...windows, env: { APPDATA: 'D:\\Roaming' } })).toBe('D:\\Roaming\\Symbi Console')
    expect(resolveDataDir(windows)).toBe('C:\\Users\\ada\\AppData\\Roaming\\Symbi Console')
  })
})
