/**
 * The items of Electron's security checklist (its docs/tutorial/security.md) that concern page, window and session,
 * each against the running app; the ones about messages are in security-ipc.spec.ts. A refusal proves nothing unless
 * the same act succeeds where it is allowed, so a negative has its positive twin.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { WebContents, WebPreferences } from 'electron'
import { APP_DIR, appArguments, type ConsoleApp, expect, test } from './fixtures/app'
import { fetchFrom, fetchThroughSession, windowCount } from './fixtures/page'
import { startWitness, type Witness } from './fixtures/witness'

const ASSETS_DIR = join(APP_DIR, 'out', 'renderer', 'assets')

let witness: Witness
test.beforeAll(async () => {
  witness = await startWitness()
})
test.afterAll(() => witness.close())

/** The address of a script that the page itself uses. */
const ownScript = (app: ConsoleApp): Promise<string> =>
  app.page.evaluate(() => document.querySelector('script')?.src ?? 'none')

test('1, 18: the page comes from app:// and reaches nothing else', async ({ app, page }) => {
  expect(page.url()).toMatch(/^app:\/\/console\//)
  expect(await fetchThroughSession(app.electron, await ownScript(app))).toBe(200)
  expect((await fetch(witness.url)).status).toBe(200)
  const before = witness.hits()
  expect(await fetchThroughSession(app.electron, witness.url)).toContain('ERR_BLOCKED_BY_CLIENT')
  expect(witness.hits()).toBe(before)
})

test.describe('what the content security policy stops', () => {
  test.use({ expectCspViolations: true })

  test('1, 7, 18: requests to anywhere', async ({ app, page }) => {
    expect(await fetchFrom(page, await ownScript(app))).toMatchObject({ status: 200 })
    const before = witness.hits()
    for (const address of [witness.url, 'file:///etc/passwd', 'https://example.com/', 'data:text/plain,x'])
      expect(await fetchFrom(page, address), address).toEqual({ error: expect.stringContaining('Failed to fetch') })
    expect(witness.hits()).toBe(before)
  })

  test('7: code that is not in a file of ours', async ({ app, page }) => {
    const outcome = await page.evaluate(
      async (own) => {
        const violations: string[] = []
        document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
        const add = (fill: (script: HTMLScriptElement) => void): Promise<string> =>
          new Promise((resolve) => {
            const script = document.createElement('script')
            script.onload = () => resolve('loaded')
            script.onerror = () => resolve('refused')
            fill(script)
            document.head.append(script)
            if (script.src === '') setTimeout(() => resolve('inline'), 50)
          })
        const outcomes = {
          ownFile: await add((script) => {
            script.type = 'module'
            script.src = own
          }),
          inline: await add((script) => {
            script.textContent = 'window.injected = true'
          }),
          data: await add((script) => {
            script.src = 'data:text/javascript,window.injected=true'
          }),
          evaluated: await new Promise((resolve) => {
            setTimeout(() => {
              const make = (): unknown => new Function('return 1')()
              Promise.resolve()
                .then(make)
                .then(resolve, (error: Error) => resolve(error.name))
            })
          }),
        }
        return { ...outcomes, injected: 'injected' in window, violations }
      },
      await ownScript(app),
    )
    expect(outcome).toMatchObject({ ownFile: 'loaded', data: 'refused', evaluated: 'EvalError', injected: false })
    expect(outcome.violations).toEqual(expect.arrayContaining(['script-src-elem', 'script-src-elem']))
  })
})

test('2, 20: the page has no Node and nothing of Electron', async ({ page }) => {
  const found = await page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname'].filter(
      (name) => name in window,
    ),
  )
  expect(found).toEqual([])
  expect(await page.evaluate(() => Object.keys(window.console_).sort())).toEqual(['invoke', 'openStream', 'subscribe'])
})

test('3, 4, 6, 8–12: every window is isolated, sandboxed and plain', async ({ app }) => {
  const preferences = await app.electron.evaluate(({ webContents }) => {
    const windows = webContents.getAllWebContents()
    // Not in Electron's types, and the only way to read what a page really runs with.
    const read = (contents: WebContents) =>
      (Reflect.get(contents, 'getLastWebPreferences') as () => WebPreferences).call(contents)
    return JSON.stringify(windows.map(read))
  })
  const all: WebPreferences[] = JSON.parse(preferences)
  expect(all).toHaveLength(1)
  for (const one of all) {
    expect(one).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false })
    expect(one.webSecurity).not.toBe(false)
    expect(one.allowRunningInsecureContent).not.toBe(true)
    expect(one.nodeIntegrationInWorker).not.toBe(true)
    expect(one.nodeIntegrationInSubFrames).not.toBe(true)
    expect(one.experimentalFeatures).not.toBe(true)
    expect(one.enableBlinkFeatures ?? '').toBe('')
    expect(one.navigateOnDragDrop).not.toBe(true)
  }
})

test('3: what the page does to the built-ins is not seen by the bridge', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const original = Array.prototype.push
    let seen = 0
    Array.prototype.push = function (...items: unknown[]) {
      seen += 1
      return original.apply(this, items)
    }
    const own: number[] = []
    own.push(1)
    const afterOwn = seen
    const answer = window.console_.invoke('system.info', {})
    const stop = window.console_.subscribe(() => undefined)
    stop()
    const afterBridge = seen
    // Before anything else of the page runs, which pushes too.
    Array.prototype.push = original
    return { afterOwn, byBridge: afterBridge - afterOwn, ok: (await answer).ok }
  })
  expect(outcome).toEqual({ afterOwn: 1, byBridge: 0, ok: true })
})

test('5: no permission but writing text to the clipboard', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const nameOf = (error: { name?: string }): string => error.name ?? 'unknown'
    const query = async (name: string): Promise<string> =>
      (await navigator.permissions.query({ name: name as PermissionName })).state
    return {
      notifications: await Notification.requestPermission(),
      geolocation: await query('geolocation'),
      midi: await query('midi'),
      clipboardRead: await query('clipboard-read'),
      clipboardWrite: await query('clipboard-write'),
      position: await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('found'),
          (error) => resolve(error.code),
        )
      }),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'given', nameOf),
      screen: await navigator.mediaDevices.getDisplayMedia().then(() => 'given', nameOf),
      readClipboard: await navigator.clipboard.readText().then(() => 'given', nameOf),
    }
  })
  expect(outcome).toEqual({
    notifications: 'denied',
    geolocation: 'denied',
    midi: 'denied',
    clipboardRead: 'denied',
    clipboardWrite: 'granted',
    position: 1,
    camera: expect.stringMatching(/NotAllowedError|NotFoundError/),
    screen: expect.stringMatching(/NotAllowedError|InvalidStateError|NotSupportedError|AbortError/),
    readClipboard: 'NotAllowedError',
  })
})

test('7, headers: every answer carries the policy', async ({ app, page }) => {
  for (const address of ['app://console/', await ownScript(app), 'app://console/missing.js']) {
    const answer = await fetchFrom(page, address)
    expect(answer, address).toMatchObject({
      headers: {
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self';/),
      },
    })
    const policy = 'headers' in answer ? answer.headers['content-security-policy'] : ''
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/)
    expect(policy).toContain("frame-ancestors 'none'")
  }
})

test('11, 12: a webview cannot be attached', async ({ page, app }) => {
  const kind = await page.evaluate(() => {
    const webview = document.createElement('webview')
    webview.setAttribute('src', 'https://example.com/')
    document.body.append(webview)
    return 'getWebContentsId' in webview ? 'webview' : 'plain element'
  })
  expect(kind).toBe('plain element')
  const contents = await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents().length)
  expect(contents).toBe(1)
})

test('13: the window stays on its page', async ({ app, page }) => {
  const before = page.url()
  const hits = witness.hits()
  await app.electron.evaluate(({ BrowserWindow }) => {
    const attempts: { url: string; refused: boolean }[] = []
    Object.assign(globalThis, { attempts })
    BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', (event) => {
      setImmediate(() => attempts.push({ url: event.url, refused: event.defaultPrevented }))
    })
  })
  const attempts = (): Promise<unknown> => app.electron.evaluate(() => Reflect.get(globalThis, 'attempts'))
  const refused: { url: string; refused: boolean }[] = []
  for (const url of ['https://example.com/', witness.url, 'app://other/', 'mailto:ada@example.com']) {
    await page.evaluate((address) => {
      location.href = address
    }, url)
    refused.push({ url, refused: true })
    await expect.poll(attempts).toEqual(refused)
    expect(page.url()).toBe(before)
  }
  // Chromium refuses a page's way to file: by itself, before Electron is asked.
  await page.evaluate(() => {
    location.href = 'file:///etc/passwd'
  })
  expect(page.url()).toBe(before)
  expect(witness.hits()).toBe(hits)
  // Its own address it may load again.
  await page.evaluate(() => {
    Object.assign(window, { loadedBefore: true })
    location.reload()
  })
  await expect.poll(() => page.evaluate(() => 'loadedBefore' in window).catch(() => true)).toBe(false)
  expect(page.url()).toBe(before)
})

test.describe('new windows', () => {
  // The policy of the page stops javascript: before Electron is asked.
  test.use({ expectCspViolations: true })

  test('14, 15: no new window, and nothing leaves without a yes to the whole address', async ({ app, page }) => {
    await app.electron.evaluate(({ dialog, shell }) => {
      const seen = { asked: [] as string[], opened: [] as string[], answer: 1 }
      Object.assign(globalThis, { seen })
      Object.assign(dialog, {
        showMessageBox: async (...args: { detail?: string }[]) => {
          seen.asked.push(args.at(-1)?.detail ?? '')
          return { response: seen.answer, checkboxChecked: false }
        },
      })
      Object.assign(shell, { openExternal: async (url: string) => void seen.opened.push(url) })
    })
    const seen = (): Promise<{ asked: string[]; opened: string[] }> =>
      app.electron.evaluate(() => Reflect.get(globalThis, 'seen') as { asked: string[]; opened: string[] })
    const open = (address: string): Promise<boolean> => page.evaluate((url) => window.open(url) === null, address)

    for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'http://example.com/'])
      expect(await open(address), address).toBe(true)
    expect(await open('https://example.com/?q=1')).toBe(true)
    await expect.poll(seen).toMatchObject({ asked: ['https://example.com/?q=1'], opened: [] })

    await app.electron.evaluate(() => Object.assign(Reflect.get(globalThis, 'seen'), { answer: 0 }))
    expect(await open('https://example.com/?q=2')).toBe(true)
    await expect.poll(seen).toMatchObject({ opened: ['https://example.com/?q=2'] })
    expect(await windowCount(app.electron)).toBe(1)
  })
})

test('18: no file outside the page is served', async ({ app, page }) => {
  const link = join(ASSETS_DIR, 'outside-link.js')
  await rm(link, { force: true })
  await symlink(join(APP_DIR, 'out', 'main', 'index.js'), link)
  const served = await fetchFrom(page, 'app://console/assets/outside-link.js')
  await rm(link)
  expect(served).toMatchObject({ status: 404 })
  for (const path of [
    '..%2fmain/index.js',
    '..%2f..%2f..%2fetc/passwd',
    '..%5cmain%5cindex.js',
    '%2e%2e/main/index.js',
    'assets/..%2f..%2fmain/index.js',
    'etc/passwd',
  ])
    expect(await fetchFrom(page, `app://console/${path}`), path).toMatchObject({ status: 404 })
  expect(await fetchFrom(page, await ownScript(app))).toMatchObject({ status: 200 })
})

test('preload: the built file asks for electron only', async () => {
  const code = await readFile(join(APP_DIR, 'out', 'preload', 'index.cjs'), 'utf8')
  const required = [...code.matchAll(/require\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map((match) => match[1])
  expect([...new Set(required)]).toEqual(['electron'])
  expect(code).not.toMatch(/\bimport\s*\(|__dirname|process\./)
})

test('single instance: a second start on the same data folder ends at once and shows the first', async ({ app }) => {
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
  const second = spawn(app.electron.process().spawnfile, appArguments(app.dataDir), { stdio: 'ignore' })
  const [code] = await once(second, 'exit')
  expect(code).toBe(0)
  await expect
    .poll(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true)
  expect(await windowCount(app.electron)).toBe(1)
})
