import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createManualClock, isRuntimeError } from '../core'
import { type Agent, as, openTestBus, type TestBus, text } from './fixtures/bus-fixture'

const AGENTS = ['One', 'Two', 'Three'] as const
const who = fc.constantFrom(0, 1, 2)

type Command =
  | { readonly do: 'send'; from: number; to: number; count: number; ttlMs: number | undefined; off: number }
  | { readonly do: 'send and forget'; from: number; to: number }
  | { readonly do: 'receive'; by: number; max: number }
  | { readonly do: 'acknowledge'; by: number; share: number; off: number }
  | { readonly do: 'end of run'; by: number }
  | { readonly do: 'time passes'; ms: number }
  | { readonly do: 'the clock is set'; ms: number }
  | { readonly do: 'restart' | 'power loss' }

/** 0: the machine goes off right after the promise. */
const off = fc.nat({ max: 6 })

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      from: who,
      to: who,
      count: fc.integer({ min: 1, max: 5 }),
      ttlMs: fc.constantFrom(undefined, undefined, 20_000),
      off,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('send and forget' as const), from: who, to: who }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('receive' as const), by: who, max: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('acknowledge' as const),
      by: who,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      off,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end of run' as const), by: who }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('time passes' as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('the clock is set' as const),
      ms: fc.integer({ min: -30_000, max: 5_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('power loss' as const) }) },
)

/** A wall clock that can be set, over one that only goes forward. */
const settableClock = () => {
  const steady = createManualClock()
  let offsetMs = 0
  return {
    clock: { ...steady, nowMs: () => steady.nowMs() + offsetMs },
    advance: (ms: number) => steady.advance(ms),
    set: (ms: number) => {
      offsetMs += ms
    },
  }
}

/** What was promised, and what was seen. */
const createModel = () => {
  const promised = new Map<string, { pair: string; sequence: number }>()
  const acknowledged = new Set<string>()
  const seen = new Set<string>()
  const newest = new Map<string, number>()
  const inHand: string[][] = [[], [], []]
  return {
    promised,
    acknowledged,
    inHand,
    sent(id: string, pair: string, sequence: number) {
      promised.set(id, { pair, sequence })
    },
    got(by: number, message: { id: string; sequence: number; from: { id: string } }) {
      // No duplicate after an acknowledgement.
      expect(acknowledged.has(message.id)).toBe(false)
      inHand[by]?.push(message.id)
      if (seen.has(message.id)) return
      seen.add(message.id)
      // In the order of each sender, when seen for the first time.
      const pair = `${message.from.id} ${by}`
      expect(message.sequence).toBeGreaterThan(newest.get(pair) ?? 0)
      newest.set(pair, message.sequence)
    },
    forget(by: number) {
      inHand[by]?.splice(0)
    },
  }
}

it('keeps order, loses nothing that was promised and gives nothing twice that was acknowledged (B9, B10, B11)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 30, maxLength: 80, size: 'max' }), async (commands) => {
      const { clock, advance, set } = settableClock()
      const config = { ackTimeoutMs: 10_000, retryAttempts: 50 }
      let host: TestBus = openTestBus({ clock, config })
      const agents: Agent[] = []
      for (const name of AGENTS) agents.push(await host.agent(name))
      const agentAt = (index: number): Agent => agents[index] ?? { id: '' as Agent['id'], name: '' }
      const model = createModel()
      const receive = async (by: number, max: number) => {
        const messages = await host.bus.receive(as(agentAt(by)), { max, waitMs: 0 })
        for (const message of messages) model.got(by, message)
        return messages.length
      }
      const acknowledge = async (by: number, ids: readonly string[]) => {
        if (ids.length === 0) return
        await host.bus.acknowledge(as(agentAt(by)), ids)
        const state = new Map(
          host.bus.list({ filter: {}, limit: 500 }).items.map((item) => [item.id as string, item.state]),
        )
        for (const id of ids) if (state.get(id) === 'acknowledged') model.acknowledged.add(id)
      }
      const startAnew = () => {
        for (const by of [0, 1, 2]) model.forget(by)
      }

      const powerLoss = async () => {
        const dir = host.afterPowerLoss()
        await host.close()
        host = openTestBus({ clock, config, dir })
        startAnew()
      }

      for (const one of commands) {
        switch (one.do) {
          case 'send': {
            const { from, to, ttlMs } = one
            const sending = Array.from({ length: one.count }, () =>
              host.bus.send(as(agentAt(from)), { to: agentAt(to).id, payload: text('x'), ttlMs }),
            )
            for (const { id, sequence } of await Promise.all(sending)) model.sent(id, `${from} ${to}`, sequence)
            if (one.off === 0) await powerLoss()
            break
          }
          case 'send and forget':
            host.bus
              .send(as(agentAt(one.from)), { to: agentAt(one.to).id, payload: text('x') })
              .catch((error: unknown) => {
                if (!isRuntimeError(error)) throw error
              })
            break
          case 'receive':
            await receive(one.by, one.max)
            break
          case 'acknowledge': {
            const ids = model.inHand[one.by] ?? []
            await acknowledge(one.by, ids.splice(0, Math.ceil(ids.length * one.share)))
            if (one.off === 0) await powerLoss()
            break
          }
          case 'end of run':
            host.bus.release(agentAt(one.by).id, agentAt(one.by).id)
            model.forget(one.by)
            break
          case 'time passes':
            advance(one.ms)
            break
          case 'the clock is set':
            set(one.ms)
            break
          case 'restart':
            await host.close()
            host = openTestBus({ clock, config, dir: host.dir })
            startAnew()
            break
          case 'power loss':
            await powerLoss()
            break
        }
      }

      // In the end everything that was promised has been read, or waits, or is told to have expired.
      for (const by of [0, 1, 2]) {
        host.bus.release(agentAt(by).id, agentAt(by).id)
        model.forget(by)
        while ((await receive(by, 100)) > 0) await acknowledge(by, model.inHand[by]?.splice(0) ?? [])
      }
      const fates = new Map(
        host.bus.list({ filter: {}, limit: 500 }).items.map((item) => [item.id as string, item.state]),
      )
      for (const id of model.promised.keys()) expect(['acknowledged', 'expired']).toContain(fates.get(id))
      for (const id of model.acknowledged) expect(fates.get(id)).toBe('acknowledged')
      expect(host.records('bus.refuse').filter(({ code }) => code !== 'COMM_008')).toEqual([])
      await host.close()
    }),
    { numRuns: 20 },
  )
}, 60_000)
