import { decodeHeader, uuidBytes } from './header.ts'
import type { Head } from './job.ts'

/** Under which parcels are found: who takes part, which topic, which conversation. The first letter tells them apart. */
export const partyTerm = (id: string): Buffer => Buffer.concat([Buffer.from('p'), uuidBytes(id)])
export const correlationTerm = (id: string): Buffer => Buffer.concat([Buffer.from('c'), uuidBytes(id)])
export const topicTerm = (topic: string): Buffer => Buffer.from(`t${topic}`, 'utf8')

export const termsOf = (heads: readonly Head[]): Map<string, Buffer> => {
  const terms = new Map<string, Buffer>()
  const seen = new Set<string>()
  const add = (key: string, make: () => Buffer): void => {
    if (seen.has(key)) return
    seen.add(key)
    const term = make()
    terms.set(term.toString('latin1'), term)
  }
  for (const { header } of heads) {
    const decoded = decodeHeader(header)
    if (decoded === null) continue
    add(decoded.senderId, () => partyTerm(decoded.senderId))
    add(decoded.recipientId, () => partyTerm(decoded.recipientId))
    add(`c${decoded.correlationId}`, () => correlationTerm(decoded.correlationId))
    const { topic } = decoded
    if (topic !== null) add(`t${topic}`, () => topicTerm(topic))
  }
  return terms
}
