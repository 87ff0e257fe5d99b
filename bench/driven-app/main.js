/**
 * The built console, unchanged, with somebody at its window: opens the page that SYMBI_BENCH_ORDER names, runs a script
 * in it, and writes what that gives to a file. No debugger and no automation protocol is in between, which would cost
 * time of their own.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, BrowserWindow, ipcMain } from 'electron'

const root = join(import.meta.dirname, '..', '..')
/** { route, script, resultFile, echo, hide } */
const order = JSON.parse(process.env.SYMBI_BENCH_ORDER)
const startedAtMs = process.getCreationTime() ?? Date.now()

const answer = (result) => {
  writeFileSync(`${order.resultFile}.tmp`, JSON.stringify({ startedAtMs, ...result }))
  renameSync(`${order.resultFile}.tmp`, order.resultFile)
}

app.setAppPath(root)
// What a round trip costs when nobody checks anything.
if (order.echo !== undefined) ipcMain.handle('bench.echo', () => order.echo)

app.once('web-contents-created', (_event, contents) => {
  const load = contents.loadURL.bind(contents)
  contents.loadURL = (address, options) => load(`${address}#${order.route}`, options)
  if (order.hide)
    contents.once('did-finish-load', () => {
      const window = BrowserWindow.fromWebContents(contents)
      if (window.isVisible()) window.hide()
      else window.once('show', () => window.hide())
    })
  if (order.script)
    // The frame's own call: that of the contents would wait until everything has loaded.
    contents.once('dom-ready', () =>
      contents.mainFrame.executeJavaScript(order.script).then(
        (value) => answer({ value }),
        (error) => answer({ error: String(error) }),
      ),
    )
})

await import(pathToFileURL(join(root, 'out', 'main', 'index.js')).href)
