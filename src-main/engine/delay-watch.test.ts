import { describe, expect, it, vi } from 'vitest'
import { createManualClock } from './core'
import { createDelayWatch } from './delay-watch'

/** Hold the thread, as something too slow would. */
const block = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('the delay of the event loop', () => {
  it('shows what held the thread, once somebody looks', async () => {
    const watch = createDelayWatch(createManualClock())
    expect(watch.read()).toEqual({ p50: 0, p99: 0 })
    await vi.waitFor(
      () => {
        block(150)
        expect(watch.read().p99).toBeGreaterThan(50)
      },
      { timeout: 5000, interval: 60 },
    )
    watch.close()
  })

  it('forgets and rests when nobody looks any more', async () => {
    const clock = createManualClock()
    const watch = createDelayWatch(clock)
    watch.read()
    await vi.waitFor(
      () => {
        block(150)
        expect(watch.read().p99).toBeGreaterThan(0)
      },
      { timeout: 5000, interval: 60 },
    )
    clock.advance(12_000)
    expect(watch.read()).toEqual({ p50: 0, p99: 0 })
    watch.close()
  })
})
