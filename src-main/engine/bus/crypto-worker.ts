/** What a thread of the crypto pool runs: seal, open or check one batch. It holds keys in memory and nothing else. */
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { createCryptoBox, type Opened } from './crypto-box.ts'
import { type Answer, type Job, packParcel, packResults, unpackClosed, unpackPlain } from './job.ts'
import { createKeyRing } from './key-ring.ts'

const ring = createKeyRing()
const box = createCryptoBox(ring)
const NOTHING = Buffer.alloc(0)

const answer = (job: Job): Answer => {
  ring.add(job.keys)
  if (job.kind === 'seal') {
    const messages = unpackPlain(job.items)
    try {
      return packParcel(messages, box.seal(messages, job.signing))
    } finally {
      job.items.fill(0)
    }
  }
  const messages = unpackClosed(job.items)
  const results: Opened[] =
    job.kind === 'open'
      ? messages.map((message) => box.open(message))
      : messages.map((message) =>
          box.check(message) ? { ok: true, payload: NOTHING } : { ok: false, why: 'signature' },
        )
  return { results: packResults(results) }
}

export const work = (job: Job) => {
  const value = answer(job)
  const buffers = 'results' in value ? [value.results.buffer] : [value.heads.buffer, value.bodies.buffer]
  // Handed over, not copied.
  return move({ [transferableSymbol]: buffers, [valueSymbol]: value })
}
