import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { completeLock, missingPlatformPackages, platformOf } from './lock-file.mjs'
import { root } from './paths.mjs'

const lock = {
  lockfileVersion: 3,
  packages: {
    '': { name: 'app' },
    'node_modules/tool': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@tool/linux-x64': '2.0.0', '@tool/darwin-arm64': '2.0.0', fsevents: '~2.3.2' },
    },
    'node_modules/@tool/linux-x64': { version: '2.0.0', dev: true, optional: true },
  },
}

describe('the lock file of this repository', () => {
  it('names the packages of every platform; node scripts/complete-lock.mjs mends it', () => {
    expect(missingPlatformPackages(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))).toEqual([])
  })
})

describe('missingPlatformPackages', () => {
  it('finds what is wanted in an exact version and not named', () => {
    expect(missingPlatformPackages(lock)).toEqual([{ name: '@tool/darwin-arm64', version: '2.0.0', dev: true }])
  })
})

describe('completeLock', () => {
  it('adds them in order and changes nothing else', () => {
    const complete = completeLock(lock)
    expect(complete.packages['node_modules/@tool/darwin-arm64']).toEqual({
      version: '2.0.0',
      os: ['darwin'],
      cpu: ['arm64'],
      dev: true,
      optional: true,
    })
    expect(Object.keys(complete.packages)).toEqual([
      '',
      'node_modules/@tool/darwin-arm64',
      'node_modules/@tool/linux-x64',
      'node_modules/tool',
    ])
    expect(missingPlatformPackages(complete)).toEqual([])
  })
})

describe('platformOf', () => {
  it.each([
    ['@a/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@a/binding-linux-ppc64-gnu', { os: ['linux'], cpu: ['ppc64'], libc: ['glibc'] }],
    ['@a/oxide-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'] }],
    ['@a/oxide-win32-arm64-msvc', { os: ['win32'], cpu: ['arm64'] }],
    ['@a/oxide-wasm32-wasi', { cpu: ['wasm32'] }],
    ['fsevents', null],
  ])('reads %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform)
  })
})
