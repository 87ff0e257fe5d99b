import { describe, expect, it } from 'vitest'
import { canonicalPrettyJson, parseJsonText } from './json-text'

describe('json text', () => {
  it('orders keys at every depth, so that reordering is no difference', () => {
    const a = canonicalPrettyJson({ b: [{ z: 1, y: 2 }], a: null })
    const b = canonicalPrettyJson({ a: null, b: [{ y: 2, z: 1 }] })
    expect(a).toBe(b)
    expect(canonicalPrettyJson([1, 2])).not.toBe(canonicalPrettyJson([2, 1]))
  })

  it('reads JSON, takes blank as none, and says what is wrong', () => {
    expect(parseJsonText('{"a":1}')).toEqual({ ok: true, value: { a: 1 } })
    expect(parseJsonText('  \n')).toEqual({ ok: true, value: undefined })
    expect(parseJsonText('{a:1}')).toMatchObject({ ok: false })
  })
})
