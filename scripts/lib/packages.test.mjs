import { describe, expect, it } from 'vitest'
import { firstDifference } from './packages.mjs'

const lock = (packages) => ({ packages: { '': {}, ...packages } })

describe('firstDifference', () => {
  const wanted = lock({
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/only-mac': { version: '3.0.0', optional: true },
  })
  const installed = (over = {}) => ({
    packages: {
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/a/node_modules/b': { version: '2.0.0' },
      ...over,
    },
  })

  it('finds none when all is there, without the optional packages of other platforms', () => {
    expect(firstDifference(wanted, installed())).toBeNull()
  })
  it('finds a package that is missing', () => {
    expect(firstDifference(wanted, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe('b is missing')
  })
  it('finds another version', () => {
    const other = installed({ 'node_modules/a/node_modules/b': { version: '2.0.1' } })
    expect(firstDifference(wanted, other)).toBe('b is 2.0.1, not 2.0.0')
  })
  it('finds the same version with other contents', () => {
    const other = installed({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } })
    expect(firstDifference(wanted, other)).toBe('a differs')
  })
  it('finds a package that is no longer asked for', () => {
    expect(firstDifference(wanted, installed({ 'node_modules/old': { version: '1.0.0' } }))).toBe(
      'old is not asked for',
    )
  })
})
