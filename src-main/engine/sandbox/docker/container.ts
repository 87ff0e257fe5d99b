import { type Duplex, Readable } from 'node:stream'
import type Docker from 'dockerode'
import type { Container, Exec } from 'dockerode'
import { z } from 'zod'
import { statusOf } from './connection'
import { demux } from './demux'
import { jsonLines } from './json-lines'
import type { OpenLog } from './output'

/** Both ends of an attached container in one stream: what is written is its stdin, what is read has to be demuxed. */
export const attach = async (container: Container): Promise<Duplex> => {
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
  return asDuplex(stream)
}

const asDuplex = (stream: NodeJS.ReadWriteStream): Duplex => {
  if (!isDuplex(stream)) throw new Error('the daemon gave no stream')
  // A broken connection shows as an exit that has to be found out; without a listener it would end the process.
  stream.on('error', () => undefined)
  return stream
}

const isDuplex = (stream: NodeJS.ReadWriteStream): stream is Duplex => 'destroy' in stream && 'writableEnded' in stream

const ExitAnswer = z.object({ StatusCode: z.number().int() })

/** Only the way in to a running container; what it writes is read from its log. */
export const attachInput = async (container: Container): Promise<Duplex> =>
  asDuplex(await container.attach({ stream: true, hijack: true, stdin: true }))

/** The log of a container as the daemon keeps it, with the time of each entry. */
export const openLogOf =
  (docker: Docker, id: string): OpenLog =>
  ({ follow, since }) =>
    dialStream(docker, {
      method: 'GET',
      path: `/containers/${id}/logs?`,
      query: {
        stdout: '1',
        stderr: '1',
        timestamps: '1',
        ...(follow ? { follow: '1' } : {}),
        ...(since === null ? {} : { since }),
      },
    })

/**
 * Wait for the exit of a container: the next one, or, of one that may have ended already, the one that it had. Resolves when
 * the daemon has taken note, which it shows by sending the head of its answer at once: only then may the container be
 * started, else a quick program could end unseen. `exitCode` rejects when the answer never comes, or only half of it.
 */
export const registerExit = async (
  docker: Docker,
  id: string,
  condition: 'next-exit' | 'not-running' = 'next-exit',
): Promise<{ readonly exitCode: Promise<number> }> => {
  const answer = await dialStream(docker, { method: 'POST', path: `/containers/${id}/wait?`, query: { condition } })
  const exitCode = (async () => {
    for await (const message of jsonLines(answer)) {
      const exit = ExitAnswer.safeParse(message)
      if (exit.success) return exit.data.StatusCode
    }
    throw new Error('the daemon stopped answering while the program ran')
  })()
  exitCode.catch(() => undefined)
  return { exitCode }
}

interface Asked {
  readonly method: 'GET' | 'POST'
  /** Ends in a question mark: the client library puts the query there. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

const dialStream = (docker: Docker, { method, path, query }: Asked): Promise<AsyncIterable<Buffer>> =>
  new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path,
        options: { _query: query, _body: {} },
        method,
        isStream: true,
        statusCodes: { 200: true, 400: 'bad request', 404: 'no such container', 500: 'server error' },
      },
      (error: unknown, stream: unknown) => {
        if (error) reject(error)
        else if (isByteStream(stream)) resolve(stream)
        else reject(new Error('the daemon gave no stream'))
      },
    )
  })

const isByteStream = (value: unknown): value is AsyncIterable<Buffer> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/**
 * Unpack an archive in the container's /work. By exec, because the archive call of the daemon does not see a tmpfs and
 * refuses a read-only root. As root without capabilities, so that the agent cannot change what was staged.
 */
export const unpack = async (container: Container, archive: Buffer): Promise<void> => {
  const exec = await container.exec({
    Cmd: ['tar', '-x', '-o', '-C', '/work'],
    User: '0:0',
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = asDuplex(await exec.start({ hijack: true, stdin: true }))
  const { stdout, stderr, ended } = demux(stream)
  let said = ''
  stdout.resume()
  stderr.on('data', (chunk: Buffer) => {
    if (said.length < 300) said += chunk.toString('utf8')
  })
  stream.end(archive)
  await ended
  const exitCode = await execExitCode(exec)
  if (exitCode === 0) return
  const words = said
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300)
  throw new Error(`unpacking the files failed (exit code ${exitCode}): ${words}`)
}

/** The exit code of an exec whose output has ended; the daemon may note it a moment later. */
const execExitCode = async (exec: Exec): Promise<number> => {
  const untilMs = performance.now() + 5_000
  for (;;) {
    const { ExitCode: exitCode, Running: isRunning } = await exec.inspect()
    if (!isRunning && exitCode !== null) return exitCode
    if (performance.now() > untilMs) throw new Error('unpacking the files did not end')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The statistics of a running container, a JSON message about once a second. */
export const openStats = async (container: Container): Promise<Readable> => {
  const stream = await container.stats({ stream: true })
  if (!(stream instanceof Readable)) throw new Error('the daemon gave no stream')
  stream.on('error', () => undefined)
  return stream
}

/** Remove a container whatever it does, and see it gone. A container that is not there is gone. */
export const removeContainer = async (container: Container): Promise<void> => {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return
    // 409: somebody else removes it at this moment.
    if (status !== 409) throw error
    await untilGone(container)
  }
}

const untilGone = async (container: Container): Promise<void> => {
  const untilMs = performance.now() + 10_000
  while (performance.now() < untilMs) {
    try {
      await container.inspect()
    } catch (error) {
      if (statusOf(error) === 404) return
      throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the container is still being removed')
}
