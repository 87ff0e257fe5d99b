import type { Json } from '@contract'
import { expect, test } from 'vitest'
import { createRedactor } from '../core'
import { recordedArguments } from './recorded'

test('a secret is masked before its text is cut, so that no part of it stays', () => {
  const redactor = createRedactor()
  const secret = 'canary-0123456789-canary'
  redactor.track(secret)
  const args: Record<string, Json> = { text: `${'x'.repeat(1015)}${secret}`, nested: { token: 'abc', list: [secret] } }
  const recorded = JSON.stringify(recordedArguments(args, { redactor, redact: [] }))
  expect(recorded).not.toContain('canary-01')
  expect(recorded).toContain('[redacted]')
})

test('the record of many arguments is bounded', () => {
  const args = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, 'x'.repeat(5000)]))
  const recorded = recordedArguments(args, { redactor: createRedactor(), redact: [] }) as Json[]
  expect(recorded).toHaveLength(40)
  expect(JSON.stringify(recorded).length).toBeLessThan(48_000)
})
