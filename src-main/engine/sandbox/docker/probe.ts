import type { ResourceLimits } from '@contract'
import type Docker from 'dockerode'
import { type Clock, isRuntimeError, randomId } from '../../core'
import { createDeferred } from '../deferred'
import type { TierStatus } from '../types'
import { type DockerTarget, daemonWords, isUnreachable } from './connection'
import { registerExit, removeContainer } from './container'
import { containerOptions } from './container-options'
import { readHostFacts } from './host'
import type { PresentImage } from './image'

const PROBE_LIMIT_MS = 15_000
const CALLED_OFF_LIMIT_MS = 1500

const PROBE_LIMITS: ResourceLimits = {
  memoryMb: 128,
  cpuCores: 1,
  diskIoMbps: 100,
  networkIoMbps: 100,
  executionTimeoutMs: PROBE_LIMIT_MS,
  idleTimeoutMs: PROBE_LIMIT_MS,
}

export interface DockerProbe {
  readonly target: DockerTarget
  readonly findImage: (docker: Docker) => Promise<PresentImage | undefined>
  readonly labels: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Find out whether Tier 1 works by running something small in a container with all its walls. */
export const probeDocker = async (probe: DockerProbe): Promise<TierStatus> => {
  const timeUp = createDeferred<TierStatus>()
  const cancel = probe.clock.after(PROBE_LIMIT_MS, () =>
    timeUp.resolve(
      fail({
        cause: `Docker did not finish a small test within ${PROBE_LIMIT_MS / 1000} seconds.`,
        fix: 'Restart the Docker daemon, then look again.',
        command: 'docker info',
      }),
    ),
  )
  let cancelCalledOff: (() => void) | undefined
  // The test ends by itself in a moment and removes its container; it is left behind only when it does not.
  const calledOff = (): void => {
    cancelCalledOff = probe.clock.after(CALLED_OFF_LIMIT_MS, () =>
      timeUp.resolve(fail({ cause: 'The test was called off.', fix: 'Look again.', command: null })),
    )
  }
  probe.signal.addEventListener('abort', calledOff, { once: true })
  try {
    return await Promise.race([attempt(probe).catch((error: unknown) => explain(error, probe.target)), timeUp.promise])
  } finally {
    cancel()
    cancelCalledOff?.()
    probe.signal.removeEventListener('abort', calledOff)
  }
}

const attempt = async ({ target, findImage, labels, signal }: DockerProbe): Promise<TierStatus> => {
  const docker = await target.connection()
  await docker.ping()
  const host = await readHostFacts(docker)
  if (host.osType !== 'linux' || !host.hasRunc) {
    return fail({
      cause: `Docker ${host.serverVersion} runs, but without Linux containers on runc.`,
      fix: 'Switch Docker to Linux containers with the runc runtime.',
      command: 'docker info',
    })
  }
  const image = await findImage(docker)
  if (image === undefined) {
    return {
      tier: 'tier1',
      status: 'warn',
      cause: `Docker ${host.serverVersion} runs. The sandbox image is made at the first run.`,
      fix: 'Run an agent; its first run takes longer.',
      command: null,
    }
  }
  const exitCode = await runSmallest(docker, { image, labels, disk: host.disk, signal })
  if (exitCode !== 0) {
    return fail({
      cause: `A test program in ${image.reference} ended with exit code ${exitCode}.`,
      fix: 'Remove the image so that it is made anew.',
      command: `docker image rm ${image.reference}`,
    })
  }
  return {
    tier: 'tier1',
    status: 'pass',
    cause: `Docker ${host.serverVersion} ran a test program in ${image.reference}.`,
    fix: '',
    command: null,
  }
}

interface Smallest {
  readonly image: PresentImage
  readonly labels: Readonly<Record<string, string>>
  readonly disk: string | undefined
  readonly signal: AbortSignal
}

const runSmallest = async (docker: Docker, { image, labels, disk, signal }: Smallest): Promise<number> => {
  const name = `symbi-probe-${randomId()}`
  const command = ['node', '-e', '0']
  const request = { name, imageId: image.id, limits: PROBE_LIMITS, labels, disk, command, autoRemove: true }
  try {
    const container = await docker.createContainer(containerOptions(request))
    const { exitCode } = await registerExit(docker, container.id)
    signal.throwIfAborted()
    await container.start()
    return await exitCode
  } finally {
    await removeContainer(docker.getContainer(name)).catch(() => undefined)
  }
}

const fail = (why: { readonly cause: string; readonly fix: string; readonly command: string | null }): TierStatus => ({
  tier: 'tier1',
  status: 'fail',
  ...why,
})

const explain = (error: unknown, target: DockerTarget): TierStatus => {
  if (isRuntimeError(error)) return fail({ cause: error.message, fix: error.nextStep, command: null })
  if (isUnreachable(error)) return fail(target.whyUnreachable(error))
  return fail({
    cause: `Docker refused the test: ${daemonWords(error)}`,
    fix: 'Look at the daemon’s own words and its log.',
    command: 'docker info',
  })
}
