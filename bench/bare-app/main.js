/**
 * What Electron itself costs: one window with the console's web preferences and a static page. The moments of its
 * start go to the file named by SYMBI_MARKS, in the console's own form, so that both are measured in one way.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'

const marksFile = process.env.SYMBI_MARKS
const startedAtMs = process.getCreationTime() ?? Date.now()
const sinceStartMs = {}

const mark = (name) => {
  sinceStartMs[name] = Math.round((Date.now() - startedAtMs) * 10) / 10
  if (!marksFile) return
  writeFileSync(`${marksFile}.tmp`, `${JSON.stringify({ pid: process.pid, sinceStartMs })}\n`)
  renameSync(`${marksFile}.tmp`, marksFile)
}

const flag = process.argv.find((argument) => argument.startsWith('--data-dir='))
if (flag) app.setPath('userData', join(flag.slice('--data-dir='.length), 'desktop'))

const open = async () => {
  mark('app-ready')
  const window = new BrowserWindow({
    width: 1280,
    height: 840,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => {
    mark('shell-painted')
    window.show()
    if (process.env.SYMBI_BENCH_HIDE) window.hide()
  })
  window.webContents.once('did-finish-load', () => mark('page-loaded'))
  mark('window-created')
  await window.loadFile(join(import.meta.dirname, 'index.html'))
}

if (!process.argv.includes('--no-sandbox')) app.enableSandbox()
app.on('window-all-closed', () => app.quit())
mark('main-js')
app.whenReady().then(open)
