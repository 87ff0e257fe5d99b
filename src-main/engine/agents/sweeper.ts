import { type Log, messageOf } from '../core'
import type { SandboxDriver } from '../sandbox'

/** Removes sandboxes that belong to no run: those of an engine that was killed, or that could not be removed before. */
export interface Sweeper {
  /** Remove leftovers now, when there may be some. Never rejects: what fails is tried again before the next run. */
  sweep(): Promise<void>
  /** Something could not be removed: look again before the next run. */
  later(): void
}

export const createSweeper = (ports: {
  drivers: () => readonly SandboxDriver[]
  isLive: (executionId: string) => boolean
  log: Log
}): Sweeper => {
  const { drivers, isLive, log } = ports
  let pending = true
  let running: Promise<void> | null = null

  const sweepDriver = async (driver: SandboxDriver): Promise<void> => {
    for (const leftover of await driver.found()) {
      if (isLive(leftover.executionId)) continue
      log.warn(
        { tier: driver.tier, sandbox: leftover.id, execution: leftover.executionId },
        'removing a leftover sandbox',
      )
      await leftover.destroy()
    }
  }

  const sweepAll = async (): Promise<void> => {
    pending = false
    for (const driver of drivers()) {
      try {
        await sweepDriver(driver)
      } catch (error) {
        pending = true
        log.info({ tier: driver.tier, reason: messageOf(error) }, 'leftover sandboxes cannot be looked for yet')
      }
    }
  }

  return {
    async sweep() {
      if (!pending && running === null) return
      running ??= sweepAll().finally(() => {
        running = null
      })
      await running
    },
    later() {
      pending = true
    },
  }
}
