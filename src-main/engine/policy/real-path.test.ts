import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../testing/temp-dir'
import { createPolicySet } from './decide'
import { rule } from './fixtures/any-rule'
import { realPathOf } from './real-path'

const real = (path: string): string => realPathOf(path, realpathSync)

describe('where a path leads', () => {
  it('follows links, also those of folders, and of a file that is yet to be made', () => {
    const dir = realpathSync(tempDir())
    mkdirSync(join(dir, 'open'))
    mkdirSync(join(dir, 'closed'))
    writeFileSync(join(dir, 'closed', 'key'), 'x')
    symlinkSync(join(dir, 'closed'), join(dir, 'open', 'way'))
    symlinkSync(join(dir, 'closed', 'key'), join(dir, 'open', 'file'))
    expect(real(join(dir, 'open', 'file'))).toBe(join(dir, 'closed', 'key'))
    expect(real(join(dir, 'open', 'way', 'new', 'a.txt'))).toBe(join(dir, 'closed', 'new', 'a.txt'))
    expect(real(join(dir, 'open', 'plain', 'a.txt'))).toBe(join(dir, 'open', 'plain', 'a.txt'))
    expect(real('/')).toBe('/')

    const set = createPolicySet({
      rules: [rule({}, { resourceTypes: ['File'], resources: [`${dir}/open/**`] })],
      text: '',
    })
    const decide = (name: string) => {
      const resource = join(dir, 'open', name)
      return set.decide(
        {
          principal: 'agent',
          agentName: 'a',
          securityLevel: null,
          resourceType: 'File',
          resource,
          operation: 'Read',
          realPath: real(resource),
        },
        0,
      ).effect
    }
    expect([decide('file'), decide('way/key'), decide('plain')]).toEqual(['Deny', 'Deny', 'Allow'])
  })

  it('fails on anything but a name that is not there', () => {
    const loop = (): never => {
      throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
    }
    expect(() => realPathOf('/a/b', loop)).toThrow('too many links')
  })
})
