import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_UI_STATE, openUiState, parseUiState } from './ui-state'

const bounds = { x: 10, y: 20, width: 1000, height: 700 }

describe('parseUiState', () => {
  it('reads what was written', () => {
    const state = { theme: 'dark', bounds, maximized: true } as const
    expect(parseUiState(JSON.stringify(state))).toEqual(state)
  })

  it.each(['', '{', 'null', '[]', '42', '{"theme":"pink","bounds":{"x":"1"},"maximized":"yes"}'])(
    'makes the defaults of %j',
    (text) => expect(parseUiState(text)).toEqual(DEFAULT_UI_STATE),
  )

  it('keeps what is good beside what is not', () => {
    expect(parseUiState('{"theme":"light","bounds":{"x":1,"y":2,"width":1e400,"height":4}}')).toEqual({
      ...DEFAULT_UI_STATE,
      theme: 'light',
    })
  })
})

describe('ui.json', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ui-state-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('starts with the defaults, and with what was kept the next time', async () => {
    const path = join(folder, 'ui.json')
    const file = openUiState(path)
    expect(file.get()).toEqual(DEFAULT_UI_STATE)
    await Promise.all([file.update({ theme: 'dark' }), file.update({ bounds }), file.update({ maximized: true })])
    expect(openUiState(path).get()).toEqual({ theme: 'dark', bounds, maximized: true })
  })

  it('is for its owner only, and leaves nothing beside it', async () => {
    const path = join(folder, 'ui.json')
    const file = openUiState(path)
    for (const theme of ['dark', 'light', 'system'] as const) await file.update({ theme })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['ui.json'])
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ theme: 'system' })
  })

  it('that cannot be written says so, and the next change is tried again', async () => {
    const path = join(folder, 'missing', 'ui.json')
    const file = openUiState(path)
    await expect(file.update({ theme: 'dark' })).rejects.toThrow('ENOENT')
    expect(file.get().theme).toBe('dark')
    await writeFile(join(folder, 'unused'), '')
    await expect(file.update({ theme: 'light' })).rejects.toThrow('ENOENT')
  })
})
