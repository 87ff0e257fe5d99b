/**
 * The stand-in has no default app, which is what loads the folder or file that a development Electron is started
 * with. This program does that part; set-up copies it into the stand-in's resources/app as main.js.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const { preloads, target } = readArguments(process.argv.slice(1))
const require = createRequire(import.meta.url)
for (const file of preloads) require(resolve(file))

if (target === null) {
  process.stderr.write('Give the folder of an app to start.\n')
  app.exit(2)
} else {
  await load(resolve(target)).catch((error) => {
    process.stderr.write(`${error?.stack ?? error}\n`)
    app.exit(1)
  })
}

/** Electron's own rules: `-r FILE` loads a module first, the first plain argument is the app. */
function readArguments(args) {
  const preloads = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]
    if (arg === '-r' || arg === '--require') {
      at += 1
      if (args[at]) preloads.push(args[at])
    } else if (!arg.startsWith('-')) {
      return { preloads, target: arg }
    }
  }
  return { preloads, target: null }
}

async function load(path) {
  let entry = path
  if (statSync(path).isDirectory()) {
    const { name, productName, version, main } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    entry = join(path, main ?? 'index.js')
    if (version) app.setVersion(version)
    if (productName ?? name) app.setName(productName ?? name)
    app.setPath('userData', join(app.getPath('appData'), app.getName()))
    app.setAppPath(path)
  } else {
    app.setAppPath(dirname(path))
  }
  process.defaultApp = true
  // Awaited at the top level, so that what an app must do before `ready` is still in time.
  await import(pathToFileURL(entry).href)
}
