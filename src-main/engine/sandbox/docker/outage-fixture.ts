import { resolve } from 'node:path'
import type { Json } from '@contract'
import { type Clock, randomId, silentLog, systemClock } from '../../core'
import { type GatewaySession, serveAgent } from '../../gateway'
import { collect, never, specFor } from '../sandbox-fixture'
import type { Sandbox, SandboxDriver } from '../types'
import { createDockerDriver } from './docker-driver'
import type { SecondDaemon } from './second-daemon-fixture'

/** A driver on that daemon; `seen` gets what it tells of it: true for an answer after a loss, else a code. */
export const driverAt = (
  daemon: SecondDaemon,
  { seen = [], clock = systemClock }: { readonly seen?: (boolean | string)[]; readonly clock?: Clock } = {},
): SandboxDriver =>
  createDockerDriver({
    installationId: `test-${randomId()}`,
    engineId: 'e',
    resourcesDir: resolve('resources'),
    clock,
    log: silentLog,
    image: { reference: 'agents:1', pull: false },
    docker: { socketPath: daemon.socketPath },
    onSeen: (error) => seen.push(error === null ? true : error.code),
  })

/** Asks for one number after the other, each when it has the answer to the one before, until it is told to end. */
const COUNTER = `
  import { run } from 'symbi'
  run(async ({ tools }) => {
    for (let number = 1; ; number += 1) {
      const answer = await tools.call('count', { number })
      if (answer.number !== number) throw new Error('asked ' + number + ', was told ' + answer.number)
      console.error('line ' + number)
      if (answer.end) return number
    }
  })`

export interface Counting {
  readonly sandbox: Sandbox
  readonly links: string[]
  /** What arrived at the gateway, in its order. */
  readonly asked: number[]
  readonly faults: string[]
  readonly output: () => Json
  readonly said: () => string
  end(): void
}

/** An agent that counts through the gateway as fast as it can. */
export const startCounting = async (driver: SandboxDriver): Promise<Counting> => {
  const sandbox = await driver.create(specFor(COUNTER))
  const links: string[] = []
  const asked: number[] = []
  const faults: string[] = []
  let output: Json = null
  let isEnding = false
  const session: GatewaySession = {
    tools: async () => [],
    async call(name, args) {
      if (name === 'run.complete') {
        output = args['output'] ?? null
        return { ok: true, value: null }
      }
      asked.push(Number(args['number']))
      return { ok: true, value: { number: args['number'] ?? null, end: isEnding } }
    },
  }
  let connectedAgain = async (): Promise<void> => undefined
  sandbox.onLink((link) => {
    links.push(link)
    if (link === 'back') void connectedAgain()
  })
  const io = await sandbox.start(never())
  const gateway = serveAgent(io, session, { log: silentLog, onFault: (sentence) => faults.push(sentence) })
  connectedAgain = gateway.connectedAgain
  const stderr = collect(io.stderr)
  return {
    ...{ sandbox, links, asked, faults },
    output: () => output,
    said: () => stderr.text(),
    end() {
      isEnding = true
    },
  }
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
