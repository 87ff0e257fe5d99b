import type Docker from 'dockerode'
import { type Clock, isRuntimeError, type Log, messageOf, RuntimeError } from '../../core'
import { findNodeBinary } from '../node-binary'
import { daemonWords, isUnreachable, statusOf } from './connection'
import { readHostFacts } from './host'
import { jsonLines } from './json-lines'
import { type LocalImage, planLocalImage } from './local-image'
import type { OnProgress } from './shared-work'

const FINGERPRINT_LABEL = 'dev.symbi.image'
/** How long a pull may take to show a first sign of life, and then between two signs. */
const PULL_FIRST_SIGN_MS = 6_000
const PULL_STALL_MS = 60_000

/** An image that is on the daemon: what it is called, and what it is. */
export interface PresentImage {
  readonly reference: string
  readonly id: string
}

export interface ImagesOptions {
  /** What to pull where a registry is reachable. */
  readonly reference: string
  readonly mayPull: boolean
  readonly nodeBinary: string | undefined
  readonly clock: Clock
  readonly log: Log
}

export interface Images {
  /** The image when it is there already. */
  find(docker: Docker): Promise<PresentImage | undefined>
  /** The image, pulled or made when it is not there. @throws SANDBOX_003 */
  ensure(docker: Docker, signal: AbortSignal, onProgress: OnProgress): Promise<PresentImage>
}

/**
 * Where the image of Tier 1 comes from, in this order: the named image when it is present, the one made here earlier,
 * a pull, and last one made from this machine's own Node.js. A pull that failed is not tried again by this process.
 */
export const createImages = ({ reference, mayPull, nodeBinary, clock, log }: ImagesOptions): Images => {
  let pullFailure = mayPull ? undefined : 'pulling is turned off'
  let planned: Promise<LocalImage> | undefined

  const plan = (): Promise<LocalImage> => {
    planned ??= findNodeBinary('SANDBOX_003', nodeBinary)
      .then(planLocalImage)
      .catch((error: unknown) => {
        planned = undefined
        throw error
      })
    return planned
  }

  const find = async (docker: Docker): Promise<PresentImage | undefined> => {
    const named = await inspect(docker, reference)
    if (named !== undefined) return { reference, id: named.id }
    const local = await plan().catch(() => undefined)
    return local === undefined ? undefined : findLocal(docker, local)
  }

  const pull = async (docker: Docker, signal: AbortSignal, onProgress: OnProgress): Promise<void> => {
    onProgress(`Looking for ${reference} in its registry`, null)
    const giveUp = new AbortController()
    const call = AbortSignal.any([signal, giveUp.signal])
    let cancelTimer = clock.after(PULL_FIRST_SIGN_MS, () => giveUp.abort(new Error('the registry does not answer')))
    const alive = (): void => {
      cancelTimer()
      cancelTimer = clock.after(PULL_STALL_MS, () => giveUp.abort(new Error('the pull does not move on')))
    }
    try {
      const stream = await docker.pull(reference, { abortSignal: call })
      await followPull(stream, { signal: call, alive, onProgress, reference })
    } catch (error) {
      throw giveUp.signal.aborted ? giveUp.signal.reason : error
    } finally {
      cancelTimer()
    }
  }

  const build = async (docker: Docker, signal: AbortSignal, onProgress: OnProgress): Promise<PresentImage> => {
    const local = await plan()
    await requireSameArchitecture(docker)
    onProgress(`Making ${local.reference} from this machine’s Node.js`, null)
    const [repo, tag] = local.reference.split(':')
    const changes = [
      'ENV PATH=/usr/local/bin:/bin',
      'WORKDIR /work',
      'USER 1000:1000',
      `LABEL ${FINGERPRINT_LABEL}=${local.fingerprint}`,
    ]
    const answer = await docker.importImage(await local.open(signal), { repo, tag, changes, abortSignal: signal })
    await drainMessages(answer)
    const made = await findLocal(docker, local)
    if (made === undefined) throw new Error('the daemon did not keep the image')
    onProgress(`Made ${local.reference}`, 1)
    return made
  }

  return {
    find,
    async ensure(docker, signal, onProgress) {
      const present = await find(docker)
      if (present !== undefined) return present
      if (pullFailure === undefined) {
        try {
          await pull(docker, signal, onProgress)
          const pulled = await inspect(docker, reference)
          if (pulled !== undefined) return { reference, id: pulled.id }
          pullFailure = 'the pull ended without an image'
        } catch (error) {
          signal.throwIfAborted()
          pullFailure = daemonWords(error)
          log.info({ reference, cause: pullFailure }, 'image could not be pulled')
        }
      }
      try {
        return await build(docker, signal, onProgress)
      } catch (error) {
        // A program may have been replaced since the plan was made.
        planned = undefined
        signal.throwIfAborted()
        if (isRuntimeError(error)) throw error
        throw new RuntimeError('SANDBOX_003', `The sandbox image could not be made: ${messageOf(error)}`, {
          cause: error,
          details: { reference, pull: pullFailure },
        })
      }
    },
  }
}

/** What the kernel calls the architectures that Node.js names. */
const KERNEL_NAMES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** A program of this machine does not run on another kind of processor. */
const requireSameArchitecture = async (docker: Docker): Promise<void> => {
  const { architecture } = await readHostFacts(docker)
  const own = KERNEL_NAMES[process.arch]
  if (architecture === '' || own === undefined || architecture === own) return
  throw new RuntimeError('SANDBOX_003', `The host has ${architecture} processors, this machine ${own}.`, {
    nextStep: 'Pull or load the sandbox image on that host; one made here would not run there.',
  })
}

const inspect = async (
  docker: Docker,
  reference: string,
): Promise<{ readonly id: string; readonly labels: Readonly<Record<string, string>> } | undefined> => {
  try {
    const facts = await docker.getImage(reference).inspect()
    return { id: facts.Id, labels: facts.Config?.Labels ?? {} }
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    if (isUnreachable(error)) throw error
    throw new RuntimeError('SANDBOX_003', `The image ${reference} could not be looked at: ${daemonWords(error)}`, {
      cause: error,
    })
  }
}

/** A tag can be moved by anybody who can use Docker, so the label has to agree as well. */
const findLocal = async (docker: Docker, local: LocalImage): Promise<PresentImage | undefined> => {
  const found = await inspect(docker, local.reference)
  return found?.labels[FINGERPRINT_LABEL] === local.fingerprint
    ? { reference: local.reference, id: found.id }
    : undefined
}

interface Following {
  readonly signal: AbortSignal
  readonly alive: () => void
  readonly onProgress: OnProgress
  readonly reference: string
}

const followPull = async (stream: NodeJS.ReadableStream, following: Following): Promise<void> => {
  const layers = new Map<string, { readonly current: number; readonly total: number }>()
  for await (const message of messages(stream)) {
    following.signal.throwIfAborted()
    following.alive()
    const { id, progressDetail } = message
    if (typeof id !== 'string' || !isDetail(progressDetail) || message['status'] !== 'Downloading') continue
    layers.set(id, progressDetail)
    const all = [...layers.values()]
    const total = all.reduce((sum, layer) => sum + layer.total, 0)
    const current = all.reduce((sum, layer) => sum + layer.current, 0)
    following.onProgress(`Pulling ${following.reference}`, total === 0 ? null : Math.min(1, current / total))
  }
}

const drainMessages = async (stream: NodeJS.ReadableStream): Promise<void> => {
  for await (const _message of messages(stream)) {
    // Only an error among them matters, and that one throws.
  }
}

/** The daemon's messages, one JSON object a line. An error among them is thrown. */
async function* messages(stream: NodeJS.ReadableStream): AsyncGenerator<Record<string, unknown>> {
  for await (const line of jsonLines(stream)) {
    if (typeof line !== 'object' || line === null) continue
    const message: Record<string, unknown> = { ...line }
    if (typeof message['error'] === 'string') throw new Error(message['error'])
    yield message
  }
}

const isDetail = (value: unknown): value is { readonly current: number; readonly total: number } =>
  typeof value === 'object' &&
  value !== null &&
  'current' in value &&
  typeof value.current === 'number' &&
  'total' in value &&
  typeof value.total === 'number'
