import { expect, test } from 'vitest'
import { createLineSplitter } from './lines'
import { serverEnvironment } from './server-environment'

const ours = {
  PATH: '/usr/bin',
  HOME: '/home/someone',
  LANG: 'C.UTF-8',
  TMPDIR: '/tmp',
  SYMBI_DATA_DIR: '/data',
  API_TOKEN: 'secret',
  LD_PRELOAD: '/tmp/x.so',
  NODE_OPTIONS: '--require /tmp/x.js',
  Path: 'C:\\bin',
  SystemRoot: 'C:\\Windows',
}

test('only what a program needs is passed on', () => {
  expect(serverEnvironment(ours, 'linux')).toStrictEqual({
    PATH: '/usr/bin',
    HOME: '/home/someone',
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp',
  })
})

test('on Windows names ignore case', () => {
  expect(serverEnvironment({ Path: 'C:\\bin', SystemRoot: 'C:\\Windows', Token: 'secret' }, 'win32')).toStrictEqual({
    Path: 'C:\\bin',
    SystemRoot: 'C:\\Windows',
  })
})

test('a shell function in a variable is dropped', () => {
  expect(serverEnvironment({ PATH: '() { evil; }', HOME: '/home/someone' }, 'linux')).toStrictEqual({
    HOME: '/home/someone',
  })
})

test('bytes become lines, also when a character is split between two chunks', () => {
  const lines: string[] = []
  const write = createLineSplitter((line) => lines.push(line))
  const bytes = Buffer.from('erste\nzweite – Zeile\r\ndri')
  for (const byte of bytes) write(Buffer.from([byte]))
  expect(lines).toStrictEqual(['erste', 'zweite – Zeile'])
  write(Buffer.from('tte\n'))
  expect(lines.at(-1)).toBe('dritte')
})

test('a line without end is passed on in pieces', () => {
  const lines: string[] = []
  const write = createLineSplitter((line) => lines.push(line))
  for (let index = 0; index < 100; index += 1) write(Buffer.alloc(1000, 'x'))
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.every((line) => line.length <= 4096)).toBe(true)
})
