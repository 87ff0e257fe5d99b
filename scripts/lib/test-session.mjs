/** Everything a test needs around it: Electron, a display, a keyring; used by with-runtime, test and shots. */
import { hasDisplay, startVirtualDisplay } from './display.mjs'
import { startKeyringSession } from './keyring-session.mjs'
import { runtimeEnv } from './runtime-env.mjs'

/**
 * Starts what is missing. What cannot be had is named in `gaps`, and the rest is there all the same.
 * @returns {Promise<{ env: NodeJS.ProcessEnv, gaps: string[], stop: () => Promise<void> }>}
 */
export async function startTestSession() {
  const env = { ...process.env, ...runtimeEnv() }
  const gaps = []
  const stops = []
  const stop = async () => {
    process.off('exit', stop)
    await Promise.all(stops.splice(0).map((end) => end()))
  }
  // An exit that nobody announced cannot wait, but the signals are sent.
  process.once('exit', stop)
  const add = async (start) => {
    try {
      const { env: more, stop: end } = await start()
      Object.assign(env, more)
      stops.push(end)
    } catch (error) {
      gaps.push(error.message)
    }
  }
  if (!hasDisplay()) {
    await add(async () => {
      const { display, stop: end } = await startVirtualDisplay()
      return { env: { DISPLAY: display }, stop: end }
    })
  }
  if (process.platform === 'linux') await add(startKeyringSession)
  return { env, gaps, stop }
}
