/** Items 17 and 20 of the checklist: who may send a message, what it may hold, and what there is to ask for. */
import { join } from 'node:path'
import { type Channel, calls } from '@contract'
import { APP_DIR, expect, test } from './fixtures/app'
import { invoke, readStream } from './fixtures/page'

const CHANNELS = Object.keys(calls) as Channel[]

test('17: only the top frame of our window, on our page, is answered', async ({ app, page }) => {
  expect(await invoke(page, 'system.info', {})).toMatchObject({ ok: true })
  expect(
    await page.evaluate(() => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      return frame.contentWindow !== null && 'console_' in frame.contentWindow
    }),
  ).toBe(false)

  const foreign = await app.electron.evaluate(
    async ({ BrowserWindow }, preload) => {
      const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } })
      await window.loadURL('about:blank')
      const replies: unknown = await window.webContents.executeJavaScript(
        `console_.invoke('system.info', {}).then((call) => new Promise((resolve) =>
        console_.openStream('executions.tail', {}, (message) => resolve({ call, message }))))`,
      )
      window.destroy()
      return replies
    },
    join(APP_DIR, 'out', 'preload', 'index.cjs'),
  )
  expect(foreign).toMatchObject({
    call: { ok: false, error: { code: 'SEC_001' } },
    message: { kind: 'end', error: { code: 'SEC_001' } },
  })
})

test('17b: input that the contract does not know is refused, and the app goes on', async ({ page }) => {
  const long = 'x'.repeat(100_000)
  const strange: unknown[] = [
    null,
    42,
    'text',
    [],
    [{}],
    { unexpected: true },
    { id: 1 },
    { id: '../../etc/passwd', limit: -1 },
    { theme: { $ne: null } },
    { name: long, value: long, unexpected: long },
  ]
  for (const channel of CHANNELS) {
    const inputs = strange.filter((input) => !calls[channel].input.safeParse(input).success)
    expect(inputs.length, channel).toBeGreaterThan(5)
    const codes = await page.evaluate(
      async ([name, values]) => {
        let deep: unknown = 1
        for (let depth = 0; depth < 300; depth += 1) deep = { a: deep }
        const replies = [...values, deep].map((value) => window.console_.invoke(name, value as never))
        return (await Promise.all(replies)).map((reply) => (reply.ok ? 'ok' : reply.error.code))
      },
      [channel, inputs] as const,
    )
    expect(codes, channel).toEqual(Array.from({ length: inputs.length + 1 }, () => 'IPC_001'))
  }
  expect(await invoke(page, 'system.info', {})).toMatchObject({ ok: true })
})

test('17b: a __proto__ key pollutes nothing, and what is no data is refused', async ({ app, page }) => {
  const inPage = await page.evaluate(async () => {
    const poisoned: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    )
    const replies = [
      await window.console_.invoke('system.info', poisoned as never),
      await window.console_.invoke('system.info', { call: () => 1 } as never),
      await window.console_.invoke('system.info', {}),
    ]
    return { codes: replies.map((reply) => (reply.ok ? 'ok' : reply.error.code)), polluted: 'polluted' in {} }
  })
  expect(inPage).toEqual({ codes: ['IPC_001', 'IPC_001', 'ok'], polluted: false })
  expect(await app.electron.evaluate(() => 'polluted' in {})).toBe(false)
})

test('17c: there is exactly what the contract names', async ({ app, page }) => {
  const surface = await app.electron.evaluate(({ ipcMain }) => ({
    calls: [...(Reflect.get(ipcMain, '_invokeHandlers') as Map<string, unknown>).keys()],
    messages: ipcMain.eventNames().filter((name) => name !== 'error'),
  }))
  expect(surface.calls.toSorted()).toEqual(CHANNELS.toSorted())
  expect(surface.messages).toEqual(['stream.open'])
  for (const name of ['fs.readFile', 'shell.exec', 'agents.explode', '__proto__', 'constructor', ''])
    expect(await invoke(page, name, {}), name).toMatchObject({ ok: false, error: { code: 'IPC_002' } })
})

test('20: a listener hears the events and nothing of Electron, and the bridge cannot be replaced', async ({ page }) => {
  const heard = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const stop = window.console_.subscribe((...args: unknown[]) => {
          stop()
          resolve({ count: args.length, batch: args[0] })
        })
        void window.console_.invoke('settings.set', { theme: 'dark' })
      }),
  )
  expect(heard).toMatchObject({
    count: 1,
    batch: expect.arrayContaining([{ seq: expect.any(Number), topic: expect.any(String), payload: expect.anything() }]),
  })
  expect(
    await page.evaluate(() => {
      const before = window.console_.invoke
      const replaced = Reflect.set(window.console_, 'invoke', () => 'mine')
      const reassigned = Reflect.set(window, 'console_', {})
      return { replaced, reassigned, same: window.console_.invoke === before }
    }),
  ).toEqual({ replaced: false, reassigned: false, same: true })
})

test('streams: a refusal is an end with its code', async ({ page }) => {
  const end = (code: string) => [{ kind: 'end', error: expect.objectContaining({ code }) }]
  expect(await readStream(page, 'executions.tail', { id: 7 })).toEqual(end('IPC_001'))
  expect(await readStream(page, 'executions.nothing', {})).toEqual(end('IPC_002'))
  expect(await readStream(page, '__proto__', {})).toEqual(end('IPC_002'))
})
