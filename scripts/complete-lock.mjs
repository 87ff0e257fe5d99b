/** `node scripts/complete-lock.mjs`: after `npm install`, names the packages of other platforms that npm left out. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLock, missingPlatformPackages } from './lib/lock-file.mjs'
import { root } from './lib/paths.mjs'

const file = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = missingPlatformPackages(lock)
if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completeLock(lock), null, 2)}\n`)
process.stdout.write(`${missing.length} platform packages added to package-lock.json\n`)
