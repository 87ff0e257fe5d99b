import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Check, pass, warn } from './check'

/** Whether a window can be opened; only Linux may lack a display. */
export const displayCheck = (machine: {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
}): Check => ({
  id: 'display',
  title: 'Display',
  async run() {
    if (machine.platform !== 'linux') return pass('The system brings its display.')
    const wayland = machine.env['WAYLAND_DISPLAY']
    if (wayland) return pass(`Wayland display ${wayland}.`)
    const x11 = machine.env['DISPLAY']
    if (x11) return pass(`X11 display ${x11}.`)
    if (await isInPath('Xvfb', machine.env['PATH'] ?? '')) {
      return warn({
        cause: 'There is no display; npm start opens the window on a virtual one, and the command line works without.',
        fix: 'Log in to a desktop to see the window.',
      })
    }
    return warn({
      cause: 'There is no display, so no window can be opened; the command line works without.',
      fix: 'Log in to a desktop, or install a virtual display, which npm start then uses.',
      command: 'sudo apt-get install -y --no-install-recommends xvfb xauth',
    })
  },
})

const isInPath = async (program: string, path: string): Promise<boolean> => {
  const tries = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => access(join(folder, program), constants.X_OK))
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled')
}
