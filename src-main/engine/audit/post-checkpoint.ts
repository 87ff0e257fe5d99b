import type { AuditCheckpoint } from '@contract'

const LIMIT_MS = 5_000

/**
 * Send a checkpoint to a web address, as JSON by POST. It holds sizes, hashes and a signature, nothing of the records.
 *
 * @throws when the other side does not take it within five seconds; a redirect counts as not taken, because the address
 *   was chosen by a person and another one was not
 */
export const postCheckpoint =
  (url: string) =>
  async (checkpoint: AuditCheckpoint): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(checkpoint),
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`The webhook answered with status ${response.status}.`)
  }
