import type { Amounts, Backend, BackendId, CorrelationId, NewBackend, RemoteDocker } from '@contract'
import { type Caller, type Clock, type Events, type Log, messageOf, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Breakers } from '../recovery'
import type { Resources } from '../resources'
import { type RemoteTarget, remoteBackendId, type SandboxDriver, type Sandboxes, type TierStatus } from '../sandbox'
import type { Store } from '../store'
import { createBackendTable, type StoredBackend } from './backend-table'
import type { Place } from './types'

/** All back-ends of this machine share its resources. */
const MACHINE = 'machine'
/** What a remote host does not tell about itself: an ordinary disk, and a link of a gigabit. */
const ASSUMED = { diskIoMbps: 1_000, networkIoMbps: 125 }
/** How long after one that did not answer it is looked at again, while it is not used. */
const LOOK_AGAIN_MS = 60_000

interface Asking {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

/** Where runs can be put: this machine's back-ends, and the hosts that a person added. */
export interface Backends {
  places(): readonly Place[]
  list(): Backend[]
  onChange(listener: () => void): () => void
  /** @throws SCHED_005 when the name is taken, SECRET_001 when a secret is not there */
  add(asking: Asking, backend: NewBackend): Promise<Backend>
  /** Ask it now, with its keys read anew. What comes of it stands in the answer. @throws SCHED_005 */
  check(asking: Asking, id: BackendId): Promise<Backend>
  /** @throws SCHED_005 while something runs on it, and for those of this machine */
  remove(asking: Asking, id: BackendId, reason: string): Promise<void>
  /** Look at those that were added before; until then nothing is put on them. */
  start(): void
  close(): void
}

export interface BackendsPorts {
  readonly gate: Pick<Gate, 'commit' | 'perform'>
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  readonly sandboxes: Pick<Sandboxes, 'drivers' | 'add' | 'remove' | 'look' | 'knownOf' | 'onLooked'>
  readonly resources: Pick<Resources, 'setPool'>
  readonly breakers: Pick<Breakers, 'restsUntil'>
  /** The driver of another host; `readSecret` is asked each time it connects. */
  readonly open: (backend: Pick<StoredBackend, 'name' | 'remote'>) => {
    readonly target: RemoteTarget
    readonly driver: SandboxDriver
  }
  /** Whether there is a secret of this name; its value is not read. */
  readonly hasSecret: (name: string) => boolean
  readonly runningOn: (id: BackendId) => number
  /** The most that runs on one back-end of this machine. */
  readonly localMax: number
}

interface Remote {
  readonly stored: StoredBackend
  readonly target: RemoteTarget
  readonly driver: SandboxDriver
  /** Null until it told what it has. */
  totals: Amounts | null
  /** Nothing more is put on it. */
  isLeaving: boolean
  cancelLook: () => void
  /** The look that is under way, or the last one. */
  looking: Promise<void>
}

/** The secrets that hold what a host is reached with. */
export const secretsOf = (remote: RemoteDocker): readonly string[] =>
  remote.protocol === 'tls' ? [remote.caSecret, remote.certSecret, remote.keySecret] : [remote.keySecret]

export const createBackends = (ports: BackendsPorts): Backends => {
  const { gate, store, clock, events, log, sandboxes, resources, breakers, runningOn } = ports
  const table = createBackendTable(store)
  const remotes = new Map<BackendId, Remote>()
  const listeners = new Set<() => void>()
  let isClosed = false

  const changed = (): void => {
    if (isClosed) return
    for (const listener of listeners) listener()
    events.publish('scheduler.changed', {})
  }

  const unknown = (id: string): RuntimeError =>
    new RuntimeError('SCHED_005', `There is no back-end ${id} that was added here.`)

  const isFailing = (id: BackendId): boolean => sandboxes.knownOf(id)?.status === 'fail'

  const stateOf = (driver: SandboxDriver): Pick<Backend, 'state' | 'cause' | 'nextProbeAtMs'> => {
    const restsUntilMs = breakers.restsUntil(`backend:${driver.id}`)
    const status = sandboxes.knownOf(driver.id)
    if (restsUntilMs !== null)
      return { state: 'resting', cause: 'It failed too often, so it rests.', nextProbeAtMs: restsUntilMs }
    if (status === undefined) return { state: 'unknown', cause: 'It was not looked at yet.', nextProbeAtMs: null }
    if (status.status !== 'fail' && remotes.get(driver.id)?.totals === null)
      return { state: 'unknown', cause: 'It has not told yet what it has.', nextProbeAtMs: null }
    const states = { pass: 'usable', warn: 'degraded', fail: 'missing' } as const satisfies Record<
      TierStatus['status'],
      Backend['state']
    >
    return { state: states[status.status], cause: status.cause, nextProbeAtMs: null }
  }

  const view = (driver: SandboxDriver): Backend => {
    const remote = remotes.get(driver.id)
    return {
      id: driver.id,
      title: driver.title,
      kind: driver.kind,
      tiers: [driver.tier],
      weight: remote?.stored.weight ?? 1,
      maxConcurrent: remote?.stored.maxConcurrent ?? ports.localMax,
      running: runningOn(driver.id),
      ...stateOf(driver),
      removable: remote !== undefined,
    }
  }

  /** Find out whether it works and what it has. Says nothing of failure but in what is known of it. */
  const look = (remote: Remote): Promise<void> => {
    remote.looking = lookAt(remote)
    return remote.looking
  }

  const lookAt = async (remote: Remote): Promise<void> => {
    const { id } = remote.driver
    remote.cancelLook()
    const status = await sandboxes.look(id, { fresh: true })
    if (isClosed || remotes.get(id) !== remote) return
    if (status.status !== 'fail') {
      try {
        const { memoryBytes, cpuCores } = await remote.target.capacity()
        if (isClosed || remotes.get(id) !== remote) return
        remote.totals = { memoryBytes, cpuMillis: cpuCores * 1_000, ...ASSUMED }
        resources.setPool(id, remote.totals)
      } catch (error) {
        log.warn({ backend: id, reason: messageOf(error) }, 'a back-end did not tell what it has')
      }
    }
    if (remote.totals === null || status.status === 'fail')
      remote.cancelLook = clock.after(LOOK_AGAIN_MS, () => void look(remote))
    changed()
  }

  const open = (stored: StoredBackend): Remote => {
    const { target, driver } = ports.open(stored)
    const remote: Remote = {
      stored,
      target,
      driver,
      totals: null,
      isLeaving: false,
      cancelLook: () => undefined,
      looking: Promise.resolve(),
    }
    remotes.set(stored.id, remote)
    sandboxes.add(driver)
    return remote
  }

  for (const stored of table.all()) open(stored)

  let cancelLocalLook: (() => void) | undefined
  /** While others stand in for a back-end of this machine that does not answer, nothing would show that it is back. */
  const watchLocal = (): void => {
    if (isClosed || cancelLocalLook !== undefined) return
    const tiers = new Set([...remotes.values()].map(({ driver }) => driver.tier))
    const failing = sandboxes.drivers().filter(({ id, tier }) => !remotes.has(id) && tiers.has(tier) && isFailing(id))
    if (failing.length === 0) return
    cancelLocalLook = clock.after(LOOK_AGAIN_MS, () => {
      cancelLocalLook = undefined
      for (const { id } of failing) void sandboxes.look(id, { fresh: true })
    })
  }
  const stopListening = sandboxes.onLooked(() => {
    watchLocal()
    changed()
  })

  const drop = (remote: Remote): void => {
    remote.cancelLook()
    remotes.delete(remote.stored.id)
    sandboxes.remove(remote.stored.id)
    resources.setPool(remote.stored.id, null)
    remote.target.reset()
  }

  return {
    places: () =>
      sandboxes.drivers().flatMap((driver): Place[] => {
        const remote = remotes.get(driver.id)
        if (remote?.isLeaving === true) return []
        return [
          {
            driver,
            pool: remote === undefined ? MACHINE : driver.id,
            weight: remote?.stored.weight ?? 1,
            maxConcurrent: remote?.stored.maxConcurrent ?? ports.localMax,
            isMissing: isFailing(driver.id),
            isUnknown: remote !== undefined && remote.totals === null,
          },
        ]
      }),

    list: () => sandboxes.drivers().map(view),

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async add(asking, backend) {
      const id = remoteBackendId(backend.name)
      const stored: StoredBackend = { ...backend, id, createdAtMs: clock.nowMs() }
      const taken = (): RuntimeError =>
        new RuntimeError('SCHED_005', `There is a back-end named ${backend.name} already.`)
      await gate.commit(
        {
          ...asking,
          action: 'backend.add',
          resource: `backend/${backend.name}`,
          arguments: { ...backend, remote: { ...backend.remote } },
          details: { id, protocol: backend.remote.protocol, host: backend.remote.host, port: backend.remote.port },
        },
        (tx) => {
          if (table.has(tx, id) || sandboxes.drivers().some((driver) => driver.id === id)) throw taken()
          for (const name of secretsOf(backend.remote))
            if (!ports.hasSecret(name)) throw new RuntimeError('SECRET_001', `There is no secret named ${name}.`)
          table.insert(tx, stored)
          tx.onCommit(() => {
            const remote = open(stored)
            changed()
            void look(remote)
          })
        },
      )
      const remote = remotes.get(id)
      if (remote === undefined) throw unknown(id)
      return view(remote.driver)
    },

    async check(asking, id) {
      await gate.perform({ ...asking, action: 'backend.check', resource: `backend/${nameOf(id)}` }, async () => {
        const driver = sandboxes.drivers().find((one) => one.id === id)
        if (driver === undefined) throw new RuntimeError('SCHED_005', `There is no back-end ${id}.`)
        const remote = remotes.get(id)
        if (remote === undefined) {
          await sandboxes.look(id, { fresh: true })
          return changed()
        }
        await remote.looking
        // Keys may have been replaced; but what runs there keeps its connection.
        if (runningOn(id) === 0) remote.target.reset()
        await look(remote)
      })
      const driver = sandboxes.drivers().find((one) => one.id === id)
      if (driver === undefined) throw unknown(id)
      return view(driver)
    },

    async remove(asking, id, reason) {
      const requireIdle = (): Remote => {
        const remote = remotes.get(id)
        if (remote === undefined) throw unknown(id)
        const running = runningOn(id)
        if (running > 0)
          throw new RuntimeError('SCHED_005', `${running} ${running === 1 ? 'run is' : 'runs are'} under way on it.`)
        return remote
      }
      const remote = remotes.get(id)
      try {
        await gate.commit(
          {
            ...asking,
            action: 'backend.remove',
            resource: `backend/${nameOf(id)}`,
            arguments: { id, reason },
            details: { id, reason },
          },
          (tx) => {
            const leaving = requireIdle()
            if (!table.remove(tx, id)) throw unknown(id)
            // From here to the commit nothing else runs; what was placed before counts as running.
            leaving.isLeaving = true
            tx.onCommit(() => drop(leaving))
          },
        )
        changed()
      } catch (error) {
        if (remote !== undefined) remote.isLeaving = false
        throw error
      }
    },

    start() {
      for (const remote of remotes.values()) void look(remote)
    },

    close() {
      isClosed = true
      stopListening()
      cancelLocalLook?.()
      for (const remote of remotes.values()) {
        remote.cancelLook()
        remote.target.reset()
      }
      listeners.clear()
    },
  }
}

/** `docker:build` is called `build` in rules. */
const nameOf = (id: BackendId): string => id.slice(id.indexOf(':') + 1)
