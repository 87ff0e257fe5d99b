import { createHash, timingSafeEqual } from 'node:crypto'
import { Agent } from 'node:http'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel, ConnectConfig } from 'ssh2'
import type { Clock } from '../../core'

/** OpenSSH lets ten sessions share a connection (MaxSessions); a few are left to others. */
const CHANNELS_PER_LINE = 8
const READY_LIMIT_MS = 10_000
/** A host that answers none of three of these in a row is gone. */
const KEEP_ALIVE_MS = 15_000
/** A line that nothing uses is kept so long for the next call. */
const IDLE_MS = 30_000
/** What the Docker command line itself runs on the other side: it joins its stdin and stdout to the daemon. */
const DIAL = 'docker system dial-stdio'

export interface SshAccess {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly privateKey: string
  /** SHA-256 of the host's key in Base64, as `ssh-keygen -l` prints it after `SHA256:`. */
  readonly hostKeySha256: string
}

/** Thrown when the host showed another key than the pinned one; nothing was sent to it. */
export const HOST_KEY_MISMATCH = 'HOST_KEY_MISMATCH'

export interface SshLines {
  /** For the HTTP client: each of its connections is a channel of its own. */
  readonly agent: Agent
  close(): void
}

interface Line {
  readonly client: Client
  readonly ready: Promise<void>
  channels: number
  isOpen: boolean
  cancelIdle: () => void
}

/** The SSH library that the Docker client library brings along and has loaded by now. */
const sshClient = (): typeof Client => {
  const dockerode = createRequire(createRequire(import.meta.url).resolve('dockerode'))
  const modem = createRequire(dockerode.resolve('docker-modem'))
  const library: { readonly Client: typeof Client } = modem('ssh2')
  return library.Client
}

const fingerprintOf = (key: Buffer): string => createHash('sha256').update(key).digest('base64').replace(/=+$/, '')

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b.replace(/=+$/, ''))]
  return left.length === right.length && timingSafeEqual(left, right)
}

/**
 * Connections to a Docker Engine through SSH. The key of the host is compared while the keys are exchanged, before the
 * user's name or anything else is sent. Calls share a few connections, since making one takes several round trips.
 */
export const createSshLines = (access: SshAccess, clock: Clock): SshLines => {
  const lines = new Set<Line>()
  let isClosed = false

  const drop = (line: Line): void => {
    line.isOpen = false
    line.cancelIdle()
    lines.delete(line)
    line.client.end()
  }

  const connect = (client: Client): Promise<void> =>
    new Promise((resolve, reject) => {
      let mismatch: Error | undefined
      const config: ConnectConfig = {
        host: access.host,
        port: access.port,
        username: access.user,
        privateKey: access.privateKey,
        readyTimeout: READY_LIMIT_MS,
        keepaliveInterval: KEEP_ALIVE_MS,
        keepaliveCountMax: 3,
        hostVerifier: (key: Buffer) => {
          const seen = fingerprintOf(key)
          if (isEqual(seen, access.hostKeySha256)) return true
          mismatch = Object.assign(new Error(`the host showed the key SHA256:${seen}, which is not the one expected`), {
            code: HOST_KEY_MISMATCH,
          })
          return false
        },
      }
      client.once('ready', () => {
        // Calls are small and wait for their answers.
        client.setNoDelay(true)
        resolve()
      })
      client.on('error', (error) => reject(mismatch ?? error))
      client.once('close', () => reject(mismatch ?? new Error('the host closed the connection')))
      client.connect(config)
    })

  const openLine = (): Line => {
    const client = new (sshClient())()
    const line: Line = { client, ready: connect(client), channels: 0, isOpen: true, cancelIdle: () => undefined }
    lines.add(line)
    line.ready.catch(() => drop(line))
    client.once('close', () => drop(line))
    return line
  }

  const lineWithRoom = (): Line => {
    if (isClosed) throw new Error('the back-end was removed')
    for (const line of lines) if (line.isOpen && line.channels < CHANNELS_PER_LINE) return line
    return openLine()
  }

  const leave = (line: Line): void => {
    line.channels -= 1
    if (line.channels > 0 || !line.isOpen) return
    line.cancelIdle = clock.after(IDLE_MS, () => {
      if (line.channels === 0) drop(line)
    })
  }

  const dial = (client: Client): Promise<ClientChannel> =>
    new Promise((resolve, reject) => {
      client.exec(DIAL, (error, channel) => (error === undefined ? resolve(channel) : reject(error)))
    })

  const openChannel = async (): Promise<Duplex> => {
    const line = lineWithRoom()
    line.channels += 1
    line.cancelIdle()
    try {
      await line.ready
      const channel = await dial(line.client)
      const duplex: Duplex = channel
      let said = ''
      channel.stderr.on('data', (chunk: Buffer) => {
        if (said.length < 300) said += chunk.toString('utf8')
      })
      channel.on('exit', (code: number | null) => {
        if (code === 0 || code === null) return
        const words = said.replace(/\p{Cc}+/gu, ' ').trim()
        duplex.destroy(new Error(`"${DIAL}" ended with exit code ${code}: ${words}`))
      })
      channel.once('close', () => leave(line))
      return channel
    } catch (error) {
      leave(line)
      throw error
    }
  }

  const agent = new Agent({ keepAlive: false })
  agent.createConnection = (_options, callback) => {
    openChannel().then(
      (channel) => callback?.(null, channel),
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error)), undefined as never),
    )
    return undefined
  }
  return {
    agent,
    close() {
      isClosed = true
      for (const line of lines) drop(line)
      agent.destroy()
    },
  }
}
