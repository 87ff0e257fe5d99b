/** What the shell around the page promises: it comes back as it was left, survives a crash, and ends in order. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures/app'
import { fetchFrom, invoke } from './fixtures/page'

test('theme and place of the window are kept over a restart', async ({ launch, dataDir }) => {
  const first = await launch()
  expect(await invoke(first.page, 'settings.get', {})).toEqual({ ok: true, value: { theme: 'system' } })
  expect(await invoke(first.page, 'settings.set', { theme: 'dark' })).toMatchObject({ ok: true })
  await first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1000, 700))
  await first.close()
  expect(JSON.parse(await readFile(join(dataDir, 'ui.json'), 'utf8'))).toMatchObject({ theme: 'dark' })

  const second = await launch()
  expect(second.page.url()).toContain('?theme=dark')
  expect(await invoke(second.page, 'settings.get', {})).toEqual({ ok: true, value: { theme: 'dark' } })
  const look = await second.electron.evaluate(({ BrowserWindow, nativeTheme }) => ({
    dark: nativeTheme.shouldUseDarkColors,
    size: BrowserWindow.getAllWindows()[0]?.getSize(),
  }))
  expect(look).toEqual({ dark: true, size: [1000, 700] })
})

test('the data folder is for its owner only', async ({ app }) => {
  expect(await invoke(app.page, 'system.info', {})).toMatchObject({ value: { dataDir: app.dataDir } })
  expect(await invoke(app.page, 'settings.set', { theme: 'light' })).toMatchObject({ ok: true })
  const mode = async (name: string): Promise<number> => (await stat(join(app.dataDir, name))).mode & 0o077
  expect([await mode('.'), await mode('ui.json')]).toEqual([0, 0])
})

test('a page that crashed comes back and is answered', async ({ app }) => {
  const reloaded = app.electron.evaluate(
    ({ BrowserWindow }) =>
      new Promise<string>((resolve) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        contents?.once('render-process-gone', () => {
          contents.once('did-finish-load', () => {
            contents
              .executeJavaScript("console_.invoke('system.info', {}).then((reply) => JSON.stringify(reply))")
              .then(resolve)
          })
        })
        contents?.forcefullyCrashRenderer()
      }),
  )
  expect(JSON.parse(await reloaded)).toMatchObject({ ok: true })
})

test('a crash of the whole console leaves a data folder that opens again', async ({ launch }) => {
  const first = await launch()
  expect(await invoke(first.page, 'settings.set', { theme: 'dark' })).toMatchObject({ ok: true })
  await first.kill()
  const second = await launch()
  expect(await invoke(second.page, 'settings.get', {})).toEqual({ ok: true, value: { theme: 'dark' } })
})

test('it ends within three seconds and without an error', async ({ app }) => {
  const process = app.electron.process()
  const startMs = performance.now()
  await app.close()
  expect(process.exitCode).toBe(0)
  expect(performance.now() - startMs).toBeLessThan(3_500)
})

test.describe('a configuration that is wrong', () => {
  test.use({ config: 'nonsense = [' })

  test('is told to the page, which stays usable', async ({ page }) => {
    await expect
      .poll(() => invoke(page, 'system.info', {}))
      .toMatchObject({ value: { engine: { state: 'failed', error: { code: 'CONFIG_001' } } } })
    expect(await invoke(page, 'agents.list', {})).toMatchObject({ ok: false, error: { code: 'IPC_004' } })
    expect(await invoke(page, 'settings.get', {})).toMatchObject({ ok: true })
    expect(await fetchFrom(page, 'app://console/')).toMatchObject({ status: 200 })
  })
})

test('marks of the start and a picture of the window are written where they are asked for', async ({
  launch,
  dataDir,
}) => {
  const marks = join(dataDir, 'marks.json')
  const picture = join(dataDir, 'window.png')
  await launch({ env: { SYMBI_MARKS: marks, SYMBI_SCREENSHOT: picture } })
  await expect
    .poll(() =>
      stat(picture).then(
        ({ size }) => size > 5_000,
        () => false,
      ),
    )
    .toBe(true)
  const { sinceStartMs } = JSON.parse(await readFile(marks, 'utf8'))
  const order = ['main-js', 'app-ready', 'window-created', 'dom-ready', 'engine-loaded', 'engine-settled']
  const times = order.map((name) => sinceStartMs[name])
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(sinceStartMs['shell-painted']).toBeGreaterThan(sinceStartMs['window-created'])
})
