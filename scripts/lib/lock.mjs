/** One set-up at a time on a machine: two terminals that start at once must not both unpack or install. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from './run.mjs'

/**
 * Runs `work` while holding the lock `name` under `folder`. A lock whose owner no longer lives is taken over.
 * @template T
 * @param {{ folder: string, name: string, onWait?: () => void, timeoutMs?: number }} lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock({ folder, name, onWait, timeoutMs = 30 * 60_000 }, work) {
  const path = join(folder, `${name}.lock`)
  mkdirSync(folder, { recursive: true })
  if (!take(path)) {
    onWait?.()
    if (!(await waitFor(() => take(path), { timeoutMs, everyMs: 200 })))
      throw new Error(`another set-up holds ${path}; delete it when none is running`)
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!ownerLives(path)) rmSync(path, { force: true })
    return false
  }
}

function ownerLives(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    // An empty file is one that its owner is about to fill.
    if (!pid) return true
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
