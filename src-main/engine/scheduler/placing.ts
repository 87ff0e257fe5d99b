import type { Amounts } from '@contract'
import { RuntimeError } from '../core'
import type { Resources } from '../resources'
import { plus, shortOf, without } from './amounts'
import type { KeptRoom } from './kept-room'
import type { Waiting } from './line'
import type { LiveRun, LiveRuns } from './live-runs'
import type { Balancer } from './strategies'
import type { Trials } from './trials'
import type { Place, QueueEntry } from './types'
import { effectiveLevel, type Level } from './urgency'

/** There is no room, and why. `kept`: there is some, and it is kept for another run. */
interface NoRoom {
  readonly kind: 'wait'
  readonly why: string
  readonly shortOf: 'place' | 'rest' | 'resources' | 'kept'
}

/** There is room in no case, however long it waits. */
interface Never {
  readonly kind: 'never'
  readonly error: RuntimeError
}

/** What came of looking for room for a run. */
export type Verdict =
  | {
      readonly kind: 'place'
      readonly place: Place
      readonly amounts: Amounts
      /** It starts before a run that room is kept for. */
      readonly passes: boolean
    }
  | Never
  | NoRoom

type Examined =
  | { readonly kind: 'room'; readonly places: readonly Place[]; readonly amounts: Amounts }
  | Never
  | (NoRoom & { readonly usable: readonly Place[] })

export interface PlacingPorts {
  readonly places: () => readonly Place[]
  readonly resources: Pick<Resources, 'amountsOf' | 'possible' | 'fits' | 'free'>
  readonly trials: Pick<Trials, 'restsUntil'>
  readonly live: LiveRuns
  readonly kept: KeptRoom
  readonly balancer: Balancer
  readonly ageingIntervalMs: number
  readonly maxConcurrent: number
  readonly nowMs: () => number
  /** Whether its agent keeps the run from starting, whatever room there is. */
  readonly isParked: (waiting: Waiting) => boolean
}

/** Looks for the back-end that a run goes to. A tier is never replaced by another one. */
export interface Placing {
  /** Takes the next turn of the strategy, and keeps room for a run that has waited long and does not fit. */
  find(waiting: Waiting, nowMs: number): Verdict
  /** Why there is no room now; null when there is. Changes nothing. */
  whyNoRoom(waiting: Waiting, nowMs: number): string | null
  /** Whether ending this run under way would let the other one start, and nothing less does. */
  wouldFitWithout(waiting: Waiting, victim: Pick<LiveRun, 'backend' | 'pool' | 'amounts'>): boolean
  /** When the first resting back-end lets something through again. */
  nextProbeAtMs(nowMs: number): number | null
  level(waiting: Waiting, nowMs: number): Level
}

export const createPlacing = (ports: PlacingPorts): Placing => {
  const { resources, trials, live, kept, balancer, ageingIntervalMs } = ports

  const restsUntil = (place: Place): number | 'taken' | null => trials.restsUntil(place.driver.id)

  const level = (waiting: Waiting, nowMs: number): Level =>
    effectiveLevel(waiting.level, nowMs - waiting.sinceMs, ageingIntervalMs) as Level

  const fits = (place: Place, amounts: Amounts): boolean =>
    resources.fits(place.driver.id, plus(live.promised(place.pool), amounts))

  const isBehind = (waiting: Waiting, other: Waiting, nowMs: number): boolean => {
    const difference = level(other, nowMs) - level(waiting, nowMs)
    if (difference !== 0) return difference > 0
    return other.sinceMs !== waiting.sinceMs ? other.sinceMs < waiting.sinceMs : other.seq < waiting.seq
  }

  /** Whether starting it there puts it before a run that room is kept for and that could use it. */
  const isPassing = (place: Place, waiting: Waiting, nowMs: number): boolean => {
    const holder = kept.holder(place.pool)
    if (holder === undefined || holder === waiting || ports.isParked(holder)) return false
    return isBehind(waiting, holder, nowMs)
  }

  const mayPass = (place: Place, asked: { waiting: Waiting; amounts: Amounts; nowMs: number }): boolean => {
    if (!isPassing(place, asked.waiting, asked.nowMs)) return true
    const needed = kept.neededToPass(place.pool, asked.amounts)
    return needed === null || resources.possible(place.driver.id, needed)
  }

  /** Keep a pool for a run that has waited for one ageing interval and does not fit. */
  const keepRoom = (usable: readonly Place[], asked: { waiting: Waiting; nowMs: number }): void => {
    const { waiting, nowMs } = asked
    if (nowMs - waiting.sinceMs < ageingIntervalMs || kept.poolOf(waiting.entry.executionId) !== undefined) return
    const open = usable.find(({ pool }) => {
      const holder = kept.holder(pool)
      return holder === undefined || isBehind(holder, waiting, nowMs)
    })
    if (open !== undefined) kept.keep(open.pool, waiting, resources.amountsOf(waiting.entry.limits))
  }

  const hasPlace = (place: Place): boolean => live.on(place.driver.id) < place.maxConcurrent

  /** Another one than the run just failed on, while there is one; and none that does not answer, while another does. */
  const preferred = (places: readonly Place[], { avoid }: QueueEntry): readonly Place[] => {
    const others = places.filter(({ driver }) => driver.id !== avoid)
    const wanted = others.length === 0 ? places : others
    const present = wanted.filter(({ isMissing }) => !isMissing)
    return present.length === 0 ? wanted : present
  }

  const examine = (waiting: Waiting, nowMs: number): Examined => {
    const { entry } = waiting
    const wait = (shortOf: NoRoom['shortOf'], why: string, usable: readonly Place[] = []): Examined => ({
      kind: 'wait',
      shortOf,
      why,
      usable,
    })
    const ofTier = ports.places().filter(({ driver }) => driver.tier === entry.tier)
    if (ofTier.length === 0) return { kind: 'never', error: noDriver(entry.tier) }
    const amounts = resources.amountsOf(entry.limits)
    const silent = ofTier.filter(({ isUnknown }) => isUnknown)
    const possible = ofTier.filter((place) => !place.isUnknown && resources.possible(place.driver.id, amounts))
    if (possible.length === 0) {
      if (silent.length === 0) return { kind: 'never', error: tooLarge(entry.tier) }
      return wait('rest', `${listed(silent)} has not told yet what it has.`)
    }
    const awake = possible.filter((place) => restsUntil(place) === null)
    if (awake.length === 0) return wait('rest', restingWords(possible, restsUntil))
    const usable = preferred(awake, entry)
    const withPlace = usable.filter(hasPlace)
    if (withPlace.length === 0) return wait('place', `All places are taken on ${listed(usable)}.`, usable)
    const fitting = withPlace.filter((place) => fits(place, amounts))
    if (fitting.length === 0) return wait('resources', shortWords(withPlace, amounts, resources), usable)
    const places = fitting.filter((place) => mayPass(place, { waiting, amounts, nowMs }))
    if (places.length > 0) return { kind: 'room', places, amounts }
    const holder = fitting.map(({ pool }) => kept.holder(pool)).find((other) => other !== undefined)
    const name = holder?.entry.agentName ?? 'another agent'
    return wait('kept', `Room is kept for a run of ${name} that has waited longer.`, usable)
  }

  return {
    level,

    find(waiting, nowMs) {
      const examined = examine(waiting, nowMs)
      if (examined.kind === 'never') return examined
      if (examined.kind === 'wait') {
        const pool = kept.poolOf(waiting.entry.executionId)
        // Where it could not go now anyway, nothing is kept for it.
        if (pool !== undefined && !examined.usable.some((place) => place.pool === pool))
          kept.forget(waiting.entry.executionId)
        if (examined.shortOf === 'resources') keepRoom(examined.usable, { waiting, nowMs })
        return examined
      }
      const { places, amounts } = examined
      const candidates = places.map((place) => ({
        id: place.driver.id,
        running: live.on(place.driver.id),
        weight: place.weight,
        free: resources.free(place.driver.id),
      }))
      const chosen = balancer.choose(candidates, amounts)
      const place = places.find(({ driver }) => driver.id === chosen?.id)
      if (place === undefined) return { kind: 'wait', shortOf: 'place', why: 'No place was chosen.' }
      return { kind: 'place', place, amounts, passes: isPassing(place, waiting, nowMs) }
    },

    whyNoRoom(waiting, nowMs) {
      const examined = examine(waiting, nowMs)
      if (examined.kind === 'room') return null
      return examined.kind === 'wait' ? examined.why : examined.error.message
    },

    wouldFitWithout(waiting, victim) {
      const { entry } = waiting
      const nowMs = ports.nowMs()
      const amounts = resources.amountsOf(entry.limits)
      const wouldFit = (place: Place, isLeaving: boolean): boolean => {
        const running = live.on(place.driver.id) - (isLeaving && place.driver.id === victim.backend ? 1 : 0)
        const needed = isLeaving && place.pool === victim.pool ? without(amounts, victim.amounts) : amounts
        return running < place.maxConcurrent && fits(place, needed)
      }
      const able = ports
        .places()
        .filter(({ driver, isMissing, isUnknown }) => driver.tier === entry.tier && !isMissing && !isUnknown)
        .filter((place) => place.driver.id !== entry.avoid && restsUntil(place) === null)
        .filter((place) => resources.possible(place.driver.id, amounts) && mayPass(place, { waiting, amounts, nowMs }))
      const isFull = live.size >= ports.maxConcurrent
      if (!isFull && able.some((place) => wouldFit(place, false))) return false
      return live.size - 1 < ports.maxConcurrent && able.some((place) => wouldFit(place, true))
    },

    nextProbeAtMs(nowMs) {
      let earliest: number | null = null
      for (const place of ports.places()) {
        const untilMs = restsUntil(place)
        if (typeof untilMs === 'number' && untilMs > nowMs) earliest = Math.min(earliest ?? untilMs, untilMs)
      }
      return earliest
    },
  }
}

const noDriver = (tier: string): RuntimeError =>
  new RuntimeError('SANDBOX_001', `No back-end runs tier ${tier.slice(4)}.`, {
    nextStep: 'Choose another tier for this agent; no weaker one is taken in its place.',
  })

const tooLarge = (tier: string): RuntimeError =>
  new RuntimeError('RESOURCE_002', `No back-end of tier ${tier.slice(4)} has as much as this agent asks for.`)

const listed = (places: readonly Place[]): string => places.map(({ driver }) => driver.title).join(', ')

const restingWords = (places: readonly Place[], restsUntil: (place: Place) => number | 'taken' | null): string => {
  const times = places.map(restsUntil).filter((untilMs) => typeof untilMs === 'number')
  if (times.length === 0) return `${listed(places)} failed before; one run tries it out first.`
  const untilMs = Math.min(...times)
  return `${listed(places)} rests after failures; the next try is at ${new Date(untilMs).toISOString()}.`
}

const shortWords = (places: readonly Place[], amounts: Amounts, resources: Pick<Resources, 'free'>): string => {
  const [first] = places
  const what = first === undefined ? 'resources' : shortOf(amounts, resources.free(first.driver.id))
  return `There is not enough ${what} free on ${listed(places)}.`
}
