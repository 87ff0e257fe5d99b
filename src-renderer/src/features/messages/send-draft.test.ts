import type { Party } from '@contract'
import { describe, expect, it } from 'vitest'
import { EMPTY_DRAFT, readDraft, type SendDraft } from './send-draft'

const PARTIES = [
  { id: '0190a1b2-7c3a-7000-8000-000000000001', name: 'Ledger', kind: 'agent' },
  { id: '0190a1b2-7c3a-7000-8000-000000000002', name: 'Twin', kind: 'agent' },
  { id: '0190a1b2-7c3a-7000-8000-000000000003', name: 'Twin', kind: 'agent' },
  { id: '0190a1b2-7c3a-7000-8000-000000000004', name: 'Console', kind: 'console' },
] as const satisfies readonly Party[]

const read = (change: Partial<SendDraft>) => readDraft({ ...EMPTY_DRAFT, agent: 'ledger', ...change }, PARTIES)

describe('a new message', () => {
  it('goes to the one agent of that name', () => {
    expect(read({ payload: '{"n":1}', ttl: '90', unit: 's' })).toEqual({
      ok: true,
      input: {
        to: { kind: 'agent', id: PARTIES[0].id },
        payload: { n: 1 },
        guarantee: 'at-least-once',
        ttlMs: 90_000,
      },
    })
    expect(read({ agent: PARTIES[2].id })).toMatchObject({ ok: true, input: { to: { id: PARTIES[2].id } } })
  })

  it('goes to a topic or to everyone', () => {
    expect(read({ kind: 'topic', topic: ' orders/new ' })).toMatchObject({ input: { to: { name: 'orders/new' } } })
    expect(read({ kind: 'broadcast' })).toMatchObject({ input: { to: { kind: 'broadcast' } } })
  })

  it('carries text as it is, JSON or not', () => {
    expect(read({ form: 'text', payload: ' {"n":1}' })).toMatchObject({ input: { payload: ' {"n":1}' } })
  })

  it.each([
    [{ agent: 'Nemo' }, 'agent'],
    [{ agent: 'Twin' }, 'agent'],
    [{ agent: 'Console' }, 'agent'],
    [{ kind: 'topic', topic: '/x' }, 'topic'],
    [{ payload: '{' }, 'payload'],
    [{ payload: ' ' }, 'payload'],
    [{ form: 'text', payload: '' }, 'payload'],
    [{ ttl: '0' }, 'ttl'],
    [{ ttl: '8', unit: 'd' }, 'ttl'],
    [{ ttl: 'soon' }, 'ttl'],
  ] as const)('is refused with the field that is wrong: %o', (change, field) => {
    const outcome = read(change)
    expect(outcome.ok).toBe(false)
    expect(outcome.ok ? [] : Object.keys(outcome.issues)).toEqual([field])
  })
})
