import type Docker from 'dockerode'
import type { DockerOptions } from 'dockerode'
import { type Clock, isRuntimeError, type Log, RuntimeError } from '../../core'
import { readClientLibrary, type StagedFile, stagedFiles } from '../stage'
import type { FoundSandbox, SandboxDriver, SandboxSpec } from '../types'
import { boundAnswers } from './answers'
import { packWorkFolder } from './archive'
import { type DockerTarget, daemonWords, isUnreachable, localTarget, statusOf, type Unusable } from './connection'
import { removeContainer } from './container'
import { containerOptions, LABELS } from './container-options'
import { createDaemonLink } from './daemon-link'
import { createDockerSandbox } from './docker-sandbox'
import { type HostFacts, readHostFacts } from './host'
import { createImages, type PresentImage } from './image'
import { probeDocker } from './probe'
import { createSharedWork, type OnProgress } from './shared-work'

const DEFAULT_IMAGE = 'node:22-slim'

export interface DockerDriverOptions {
  /** Marks containers as this installation's, across starts of the engine. */
  readonly installationId: string
  /** Marks containers as this start's. */
  readonly engineId: string
  /** Where agent-runtime/ lies. */
  readonly resourcesDir: string
  readonly clock: Clock
  readonly log: Log
  /**
   * The image to use; pin it by digest where that matters. With `pull: false` one that is missing is not pulled but
   * made from this machine's Node.js.
   */
  readonly image?: { readonly reference: string; readonly pull?: boolean }
  /** How to reach the daemon of this machine; by default DOCKER_HOST, else the default socket. */
  readonly docker?: DockerOptions
  /** Another Docker Engine than that of this machine. */
  readonly target?: DockerTarget
  /** The Node.js an image is made from when none can be pulled. */
  readonly nodeBinary?: string
  /** While programs run there: told of each time the daemon did not answer, and with null once it answers again. */
  readonly onSeen?: (error: RuntimeError | null) => void
  /** From 0 up to but not 1; Math.random by default. */
  readonly random?: () => number
}

interface Prepared {
  readonly image: PresentImage
  readonly host: HostFacts
  readonly client: readonly StagedFile[]
}

/** Tier 1: one Docker container (runc) around each execution. */
export const createDockerDriver = (options: DockerDriverOptions): SandboxDriver => {
  const { installationId, engineId, resourcesDir, clock } = options
  const log = options.log.child('sandbox')
  const target = options.target ?? localTarget(options.docker)
  const bound = new WeakSet<Docker>()
  const connection = async (): Promise<Docker> => {
    const docker = await target.connection()
    if (!bound.has(docker)) boundAnswers(docker, clock)
    bound.add(docker)
    return docker
  }
  const link = createDaemonLink({
    ping: async () => (await connection()).ping(),
    clock,
    random: options.random ?? Math.random,
    wordsOf: (error) => target.whyUnreachable(error).cause,
    onSeen: ({ answered, reason }) => {
      log.warn({ backend: target.id, answered, reason }, 'the daemon was lost or came back')
      options.onSeen?.(answered ? null : new RuntimeError('SANDBOX_004', reason))
    },
  })
  const images = createImages({
    reference: options.image?.reference ?? DEFAULT_IMAGE,
    mayPull: options.image?.pull ?? true,
    nodeBinary: options.nodeBinary,
    clock,
    log,
  })
  let prepared: Prepared | undefined

  const makeReady = async (signal: AbortSignal, onProgress: OnProgress): Promise<Prepared> => {
    const docker = await connection()
    const host = await readHostFacts(docker).catch((error: unknown) => {
      throw notUsable(error)
    })
    if (host.osType !== 'linux' || !host.hasRunc) {
      throw new RuntimeError('SANDBOX_001', 'This Docker cannot run Linux containers with runc.', {
        nextStep: 'Switch Docker to Linux containers with the runc runtime, then try again.',
      })
    }
    const image = await images.ensure(docker, signal, onProgress).catch((error: unknown) => {
      throw isRuntimeError(error) || signal.aborted ? error : notUsable(error)
    })
    const client = await readClientLibrary(resourcesDir)
    prepared = { image, host, client }
    return prepared
  }
  const prepare = createSharedWork(makeReady)
  const ready = async (): Promise<Prepared> => prepared ?? prepare(new AbortController().signal, () => undefined)

  const createContainer = async (docker: Docker, spec: SandboxSpec, retry: boolean): Promise<ContainerMade> => {
    const { image, host } = await ready()
    const name = `symbi-${spec.executionId}`
    const request = { name, imageId: image.id, limits: spec.limits, labels: labelsOf(spec), disk: host.disk }
    try {
      const container = await docker.createContainer(containerOptions(request))
      return { id: container.id, image, host }
    } catch (error) {
      // The daemon may have made it and died before it could say so.
      await removeContainer(docker.getContainer(name)).catch(() => undefined)
      if (!retry || statusOf(error) !== 404) throw error
      // The image was removed since it was prepared.
      prepared = undefined
      return createContainer(docker, spec, false)
    }
  }

  const labelsOf = (spec: SandboxSpec): Record<string, string> => ({
    [LABELS.installation]: installationId,
    [LABELS.engine]: engineId,
    [LABELS.agent]: spec.agentId,
    [LABELS.execution]: spec.executionId,
    [LABELS.correlation]: spec.correlationId,
  })

  const notUsable = (error: unknown): RuntimeError => {
    if (!isUnreachable(error))
      return new RuntimeError('SANDBOX_001', `Docker refused: ${daemonWords(error)}`, { cause: error })
    const why = target.whyUnreachable(error)
    return new RuntimeError('SANDBOX_001', why.cause, { cause: error, nextStep: nextStepOf(why) })
  }

  return {
    id: target.id,
    title: target.title,
    kind: target.kind,
    tier: 'tier1',

    probe: (signal) =>
      probeDocker({
        target: { ...target, connection },
        findImage: images.find,
        labels: { [LABELS.installation]: installationId, [LABELS.engine]: engineId },
        clock,
        signal,
      }),

    async prepare(signal, onProgress) {
      const docker = await connection()
      if (prepared !== undefined) {
        const isThere = await docker
          .getImage(prepared.image.id)
          .inspect()
          .then(
            () => true,
            (error: unknown) => {
              if (isUnreachable(error)) throw notUsable(error)
              return false
            },
          )
        if (isThere) return
        prepared = undefined
      }
      await prepare(signal, onProgress)
    },

    async create(spec) {
      try {
        const docker = await connection()
        const { client } = await ready()
        const [made, archive] = await Promise.all([
          createContainer(docker, spec, true),
          packWorkFolder(stagedFiles(spec, client)),
        ])
        const { id, image, host } = made
        const { notEnforced, enforcement } = host
        const { cpuCores } = spec.limits
        return createDockerSandbox({
          docker,
          id,
          image: image.reference,
          notEnforced,
          enforcement,
          cpuCores,
          archive,
          link,
          clock,
          log,
        })
      } catch (error) {
        if (isRuntimeError(error)) throw error
        throw new RuntimeError('SANDBOX_002', `The sandbox could not be created: ${daemonWords(error)}`, {
          cause: error,
          ...(isUnreachable(error) ? { nextStep: nextStepOf(target.whyUnreachable(error)) } : {}),
        })
      }
    },

    async found() {
      const docker = await connection()
      const listed = await docker
        .listContainers({ all: true, filters: { label: [`${LABELS.installation}=${installationId}`] } })
        .catch((error: unknown) => {
          throw notUsable(error)
        })
      const found: FoundSandbox[] = []
      for (const { Id: id, Labels: labels } of listed) {
        const destroy = (): Promise<void> => removeContainer(docker.getContainer(id))
        const executionId = labels[LABELS.execution]
        if (executionId !== undefined) found.push({ id, executionId, destroy })
        // A test container of an engine that was killed while it looked.
        else if (labels[LABELS.engine] !== engineId) await destroy()
      }
      return found
    },
  }
}

interface ContainerMade {
  readonly id: string
  readonly image: PresentImage
  readonly host: HostFacts
}

const nextStepOf = ({ fix, command }: Unusable): string => (command === null ? fix : `${fix} For example: ${command}`)
