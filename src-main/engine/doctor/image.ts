import { type Check, pass, warn } from './check'

export interface ImageFindings {
  /** As Docker names it, like `node:24-slim`. */
  readonly name: string
  readonly present: boolean
}

/** The image that Tier 1 starts agents from. Missing is no failure: the first run makes it. */
export const sandboxImageCheck = (find: (signal: AbortSignal) => Promise<ImageFindings>): Check => ({
  id: 'tier1-image',
  title: 'Sandbox image',
  async run(signal) {
    const { name, present } = await find(signal)
    if (present) return pass(`${name} is there.`)
    return warn({
      cause: `${name} is not there yet.`,
      fix: 'The first run makes it: pulled where a registry can be reached, else built from Node.js on this machine.',
      command: 'npm run symbi -- run hello',
    })
  },
})
