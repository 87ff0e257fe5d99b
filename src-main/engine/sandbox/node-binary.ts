import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { RuntimeError } from '../core'

const run = promisify(execFile)
const OLDEST_MAJOR = 20

/** A Node.js that runs programs: the real file behind any launcher, and its version without the `v`. */
export interface NodeBinary {
  readonly path: string
  readonly version: string
}

/**
 * Find a plain Node.js: the one named, else this process when it is one, else `node` on PATH.
 * It is asked for its own path, because what stands on PATH may be a launcher script; an Electron binary is refused,
 * since an agent that ran in one would carry a browser.
 * @throws RuntimeError with `code` and a next step when there is none, or it is too old.
 */
export const findNodeBinary = async (
  code: 'SANDBOX_001' | 'SANDBOX_003',
  named: string | undefined,
): Promise<NodeBinary> => {
  if (named === undefined && process.versions.electron === undefined) {
    return { path: process.execPath, version: process.versions.node }
  }
  const command = named ?? 'node'
  const nextStep = `Install Node.js ${OLDEST_MAJOR} or newer so that \`node\` is on PATH, then try again.`
  const told = await run(command, ['-p', 'JSON.stringify([process.execPath, process.versions])'], {
    timeout: 10_000,
    env: { PATH: process.env['PATH'] ?? '' },
  }).catch((cause: unknown) => {
    throw new RuntimeError(code, 'Node.js was not found on this machine.', { cause, nextStep })
  })
  const found = parseAnswer(told.stdout)
  if (found === undefined) {
    throw new RuntimeError(code, '`node` on PATH is not a plain Node.js.', { nextStep })
  }
  if (Number.parseInt(found.version, 10) < OLDEST_MAJOR) {
    throw new RuntimeError(code, `Node.js ${found.version} is too old to run agents.`, { nextStep })
  }
  return found
}

const parseAnswer = (text: string): NodeBinary | undefined => {
  try {
    const [path, versions]: [unknown, Record<string, unknown>] = JSON.parse(text)
    const version = versions['node']
    return typeof path === 'string' && typeof version === 'string' && versions['electron'] === undefined
      ? { path, version }
      : undefined
  } catch {
    return undefined
  }
}
