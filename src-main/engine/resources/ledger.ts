import type { Amounts, BackendId, ExecutionId } from '@contract'
import { RuntimeError } from '../core'
import { areEqual, atLeastNothing, exceeding, FIELD_OF, inWords, minus, NOTHING, plus, shareOf, whole } from './amounts'
import type { ReserveOrder } from './types'

/** One grant, as it was given. */
export interface Grant extends ReserveOrder {
  readonly sinceMs: number
  /** Tells two grants to the same run apart: giving back an old one must not touch a newer. */
  readonly grantNo: number
}

/** The state of what a back-end, or the machine with all local ones, has. */
export interface Pool {
  /** Null for this machine. */
  readonly backend: BackendId | null
  readonly totals: Amounts
  readonly reserved: Amounts
  readonly granted: Amounts
}

/** Who was granted what, in memory. Everything is synchronous, all or nothing, and in whole numbers. */
export interface Ledger {
  possible(backend: BackendId, amounts: Amounts): boolean
  fits(backend: BackendId, amounts: Amounts): boolean
  free(backend: BackendId): Amounts
  setPool(backend: BackendId, totals: Amounts | null): void
  /** @throws RESOURCE_001 when it does not fit now, RESOURCE_002 when it never will */
  reserve(order: ReserveOrder, atMs: number): Grant
  /** What is granted is granted, whatever the totals say by now: for what an earlier start of the engine gave. */
  restore(grant: Grant): void
  /** What was given back; undefined when there was nothing. */
  release(executionId: ExecutionId): Grant | undefined
  find(executionId: ExecutionId): Grant | undefined
  grants(): Iterable<Grant>
  pools(): readonly Pool[]
}

export interface LedgerOptions {
  readonly totals: Amounts
  readonly reservePercent: number
  /** Whether what goes beyond the totals is refused. */
  readonly enforcing: boolean
}

interface OpenPool {
  readonly backend: BackendId | null
  totals: Amounts
  reserved: Amounts
  grantable: Amounts
  granted: Amounts
}

export const createLedger = ({ totals, reservePercent, enforcing }: LedgerOptions): Ledger => {
  const open = (backend: BackendId | null, given: Amounts): OpenPool => {
    const all = atLeastNothing(whole(given))
    const reserved = shareOf(all, reservePercent)
    return { backend, totals: all, reserved, grantable: minus(all, reserved), granted: NOTHING }
  }
  const machine = open(null, totals)
  const remote = new Map<BackendId, OpenPool>()
  const held = new Map<ExecutionId, { readonly grant: Grant; readonly pool: OpenPool }>()
  let grantNo = 0

  /** Whatever has no totals of its own is on this machine. */
  const poolOf = (backend: BackendId): OpenPool => remote.get(backend) ?? machine
  const freeOf = (pool: OpenPool): Amounts => minus(pool.grantable, pool.granted)

  const take = (grant: Grant): Grant => {
    const pool = poolOf(grant.backend)
    pool.granted = plus(pool.granted, grant.amounts)
    held.set(grant.executionId, { grant, pool })
    return grant
  }

  const give = (executionId: ExecutionId): Grant | undefined => {
    const entry = held.get(executionId)
    if (entry === undefined) return undefined
    held.delete(executionId)
    entry.pool.granted = minus(entry.pool.granted, entry.grant.amounts)
    return entry.grant
  }

  const isWhole = (amounts: Amounts): boolean =>
    Object.values(FIELD_OF).every((field) => Number.isSafeInteger(amounts[field]) && amounts[field] >= 0)

  return {
    possible: (backend, amounts) => !enforcing || exceeding(amounts, poolOf(backend).grantable).length === 0,
    fits: (backend, amounts) => !enforcing || exceeding(amounts, freeOf(poolOf(backend))).length === 0,
    free: (backend) => atLeastNothing(freeOf(poolOf(backend))),

    setPool(backend, given) {
      const known = remote.get(backend)
      if (given === null) {
        // Grants out of it keep hold of it and are given back to it.
        remote.delete(backend)
      } else if (known === undefined) {
        remote.set(backend, open(backend, given))
      } else {
        const { totals: all, reserved, grantable } = open(backend, given)
        Object.assign(known, { totals: all, reserved, grantable })
      }
    },

    reserve(order, atMs) {
      if (!isWhole(order.amounts))
        throw new RuntimeError('RESOURCE_002', 'Only whole amounts can be granted.', { details: { ...order.amounts } })
      const before = held.get(order.executionId)
      if (
        before !== undefined &&
        before.grant.backend === order.backend &&
        areEqual(before.grant.amounts, order.amounts)
      )
        return before.grant
      const pool = poolOf(order.backend)
      if (enforcing) {
        refuseUnless(order, pool.grantable, 'RESOURCE_002')
        const free = freeOf(pool)
        refuseUnless(order, before?.pool === pool ? plus(free, before.grant.amounts) : free, 'RESOURCE_001')
      }
      give(order.executionId)
      grantNo += 1
      return take({ ...order, sinceMs: atMs, grantNo })
    },

    restore(grant) {
      give(grant.executionId)
      grantNo = Math.max(grantNo, grant.grantNo)
      take(grant)
    },
    release: give,
    find: (executionId) => held.get(executionId)?.grant,
    *grants() {
      for (const { grant } of held.values()) yield grant
    },
    pools: () => {
      const known = new Set<OpenPool>([machine, ...remote.values()])
      for (const { pool } of held.values()) known.add(pool)
      return [...known].map(({ backend, totals: all, reserved, granted }) => ({
        backend,
        totals: all,
        reserved,
        granted,
      }))
    },
  }
}

const refuseUnless = (
  { backend, amounts }: ReserveOrder,
  limit: Amounts,
  code: 'RESOURCE_001' | 'RESOURCE_002',
): void => {
  const kinds = exceeding(amounts, limit)
  if (kinds.length === 0) return
  const asked = kinds.map((kind) => inWords(kind, amounts[FIELD_OF[kind]])).join(', ')
  const has = kinds.map((kind) => inWords(kind, Math.max(0, limit[FIELD_OF[kind]]))).join(', ')
  const message =
    code === 'RESOURCE_001'
      ? `There is not enough free on ${backend}: asked for ${asked}, free ${has}.`
      : `${backend} never has that much: asked for ${asked}, at most ${has}.`
  throw new RuntimeError(code, message, { details: { backend, kinds } })
}
