/** Claim: the contract, its validation, the check of the sender and the envelope cost next to nothing per call. */
import type { Bridge } from '@contract'
import { z } from 'zod'
import { withFolder } from './bench-engine'
import { startDriven } from './electron-app'
import { scriptOf } from './page-script'
import { type Bench, type BenchOptions, type BenchResult, toResult } from './result'

/** The page's clock is coarse (0.1 ms), so calls are timed in small groups; a sample is the mean of one group. */
const GROUP = 10
const LIMIT_MS = 120_000
/** About as much as `system.info` answers, so that both replies cost the same to carry. */
const ECHO = {
  ok: true,
  value: {
    version: '0.0.0',
    electron: '00.0.0',
    chrome: '000.0.0000.00',
    node: '00.00.0',
    platform: 'linux',
    dataDir: '/a/folder/for/data',
    engine: { state: 'ready' },
  },
}

interface Plan {
  readonly groups: number
  readonly perGroup: number
}

const Times = z.object({ own: z.array(z.number()), echo: z.array(z.number()) })

/** Runs in the page: mean round trip of each group in microseconds, the two kinds in turn. */
const timeCalls = async ({ groups, perGroup }: Plan): Promise<z.infer<typeof Times>> => {
  const { console_: bridge } = window as unknown as { console_: Bridge }
  const isReady = async (): Promise<boolean> => {
    const reply = await bridge.invoke('system.info', {})
    return reply.ok && reply.value.engine.state === 'ready'
  }
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 50))
  const time = async (channel: 'system.info'): Promise<number> => {
    const beganMs = performance.now()
    for (let count = 0; count < perGroup; count += 1) {
      const reply = await bridge.invoke(channel, {})
      if (!reply.ok) throw new Error(reply.error.message)
    }
    return ((performance.now() - beganMs) * 1000) / perGroup
  }
  const echoChannel = 'bench.echo' as 'system.info'
  const times: { own: number[]; echo: number[] } = { own: [], echo: [] }
  // The first calls meet code that is not compiled yet.
  for (let count = 0; count < 20; count += 1) {
    await time('system.info')
    await time(echoChannel)
  }
  for (let count = 0; count < groups; count += 1) {
    times.own.push(await time('system.info'))
    times.echo.push(await time(echoChannel))
  }
  return times
}

const measure = async ({ calls, progress }: BenchOptions, dataDir: string): Promise<BenchResult[]> => {
  progress(`invoke: ${calls} calls, one after the other`)
  const script = scriptOf(timeCalls, { groups: Math.ceil(calls / GROUP), perGroup: GROUP })
  const app = startDriven({ dataDir }, { route: '/settings', script, echo: ECHO })
  try {
    const { own, echo } = Times.parse((await app.answer(LIMIT_MS)).value)
    const baseline = { name: 'raw ipcMain.handle that answers as much, same bridge', samples: echo }
    return [toResult({ name: 'invoke.system-info', unit: 'µs', samples: own, baseline })]
  } finally {
    await app.stop()
  }
}

export const invoke: Bench = { name: 'invoke', run: (options) => withFolder((folder) => measure(options, folder)) }
