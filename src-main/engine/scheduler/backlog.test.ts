import { PRIORITIES } from '@contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBacklog } from './backlog'
import { agentId, entryOf } from './fixtures/world'
import { byUrgency, levelOf, sinceOf } from './urgency'

const AGEING_MS = 1_000

describe('pages of the queue', () => {
  it('together are the whole queue in its order, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...PRIORITIES), fc.integer({ min: 0, max: 5_000 }), fc.boolean()), {
          maxLength: 300,
        }),
        fc.integer({ min: 5_000, max: 9_000 }),
        fc.integer({ min: 1, max: 50 }),
        (runs, nowMs, limit) => {
          const backlog = createBacklog(AGEING_MS)
          const entries = runs.map(([priority, queuedAtMs, isLater], index) =>
            entryOf(index + 1, {
              agentId: agentId(index % 7),
              priority,
              queuedAtMs,
              notBeforeMs: isLater ? 20_000 + queuedAtMs : null,
            }),
          )
          for (const [index, entry] of entries.entries()) backlog.add(entry, index + 1)
          const compare = byUrgency(nowMs, AGEING_MS)
          const ranked = entries.map((entry, index) => ({
            entry,
            level: levelOf(entry.priority),
            sinceMs: sinceOf(entry),
            seq: index + 1,
          }))
          const due = ranked.filter(({ entry }) => entry.notBeforeMs === null).sort(compare)
          const later = ranked
            .filter(({ entry }) => entry.notBeforeMs !== null)
            .sort((a, b) => (a.entry.notBeforeMs ?? 0) - (b.entry.notBeforeMs ?? 0) || a.seq - b.seq)
          const expected = [...due, ...later].map(({ entry }) => entry.executionId)
          const pages: string[] = []
          for (let offset = 0; offset < entries.length; offset += limit)
            pages.push(...backlog.page(nowMs, { offset, limit }).map(({ waiting }) => waiting.entry.executionId))
          expect(pages).toEqual(expected)
          expect(backlog.page(nowMs, { offset: entries.length, limit })).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })
})
