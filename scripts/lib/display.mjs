/** A virtual display for a machine that has none. */
import { spawn } from 'node:child_process'
import { endChild, which } from './run.mjs'

/** The tests and screenshots are written for this size; larger than the largest window they open. */
const SCREEN = '1600x1200x24'
const START_MS = 10_000

/** Can a window be opened as things are? */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * Starts Xvfb on a display number of its own choosing.
 * @returns {Promise<{ display: string, stop: () => Promise<void> }>} display like `:7`
 * @throws {Error} when Xvfb is not installed or does not start
 */
export function startVirtualDisplay() {
  const program = which('Xvfb')
  if (!program)
    throw new Error(
      'Xvfb is not installed. Debian and Ubuntu: sudo apt-get install -y --no-install-recommends xvfb xauth',
    )
  return new Promise((done, fail) => {
    // Descriptor 3: Xvfb picks a free number and writes it there once it accepts clients, so nothing has to be guessed.
    const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset']
    const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true })
    let said = ''
    const stop = () => endChild(server)
    const timer = setTimeout(() => {
      const late = new Error(`Xvfb did not start within ${START_MS / 1000} s. ${said}`)
      stop().then(() => fail(late), fail)
    }, START_MS)
    server.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-2000)
    })
    server.once('error', fail)
    server.once('exit', (code) => {
      clearTimeout(timer)
      fail(new Error(`Xvfb ended with code ${code}. ${said}`))
    })
    let number = ''
    server.stdio[3].on('data', (chunk) => {
      number += chunk
      if (!number.includes('\n')) return
      clearTimeout(timer)
      // It must not keep this script alive; `stop` ends it.
      server.unref()
      server.stderr.unref()
      server.stdio[3].unref()
      done({ display: `:${number.trim()}`, stop })
    })
  })
}
