import type { RuntimeError } from '../core'
import type { Sandbox, SandboxDriver } from '../sandbox'
import type { BreakerId, Breakers } from './types'

/** Told of each time the back-end did not answer, and with null once it answers again. */
export type OnSeen = (error: RuntimeError | null) => void

/** A back-end that refused (HTTP 4xx) is well: what it was asked for is not. */
const isRefusal = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined
  if (typeof cause !== 'object' || cause === null || !('statusCode' in cause)) return false
  return typeof cause.statusCode === 'number' && cause.statusCode >= 400 && cause.statusCode < 500
}

/**
 * A back-end behind its breaker. Making a sandbox ready, creating and starting it are refused with RECOVERY_001 while it is open
 * and counted otherwise; so is what the driver sees of the back-end while programs run there. Ending and removing a sandbox
 * are always tried. A test that it passes closes the breaker.
 */
export const guardBackend = (
  breakers: Pick<Breakers, 'run' | 'succeeded' | 'failed'>,
  open: (onSeen: OnSeen) => SandboxDriver,
): SandboxDriver => {
  const driver = open((error) => (error === null ? breakers.succeeded(id) : breakers.failed(id, error)))
  const id: BreakerId = `backend:${driver.id}`

  /** What was called off, and what was refused, says nothing of the back-end. */
  const guarded = async <T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    let told: { readonly error: unknown } | null = null
    try {
      return await breakers.run(id, async () => {
        try {
          return await act()
        } catch (error) {
          if (signal?.aborted !== true && !isRefusal(error)) throw error
          told = { error }
          throw new DOMException('It says nothing of the back-end.', 'AbortError')
        }
      })
    } catch (error) {
      throw (told as { readonly error: unknown } | null)?.error ?? error
    }
  }

  const guardedSandbox = (sandbox: Sandbox): Sandbox => ({
    ...sandbox,
    start: (signal) => guarded(() => sandbox.start(signal), signal),
  })

  return {
    ...driver,
    async probe(signal) {
      const status = await driver.probe(signal)
      if (status.status === 'pass') breakers.succeeded(id)
      return status
    },
    prepare: (signal, onProgress) => guarded(() => driver.prepare(signal, onProgress), signal),
    create: async (spec) => guardedSandbox(await guarded(() => driver.create(spec))),
  }
}
