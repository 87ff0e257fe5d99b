import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { createLog } from './log'
import { createRedactor } from './redact'
import { createSecretValue } from './secret-value'

const CANARY = 'canary-4711-do-not-show'

describe('createRedactor', () => {
  it.each([
    'password',
    'Passphrase',
    'userPwd',
    'clientSecret',
    'access_token',
    'apiKey',
    'API-KEY',
    'privateKey',
    'accessKey',
    'Authorization',
    'set-cookie',
    'credentials',
    'value',
  ])('masks whatever stands under the key %s', (key) => {
    const redactor = createRedactor('')
    expect(redactor.value({ deep: [{ [key]: CANARY }] })).toEqual({ deep: [{ [key]: '[redacted]' }] })
    expect(redactor.value({ [key]: { nested: CANARY } })).toEqual({ [key]: '[redacted]' })
  })

  it.each(['name', 'line', 'key', 'values', 'passed', 'compass', 'keyboard'])('leaves the key %s alone', (key) => {
    expect(createRedactor('').value({ [key]: 'plain' })).toEqual({ [key]: 'plain' })
  })

  it.each([
    ['a private key', `-----BEGIN EC PRIVATE KEY-----\n${CANARY}\n-----END EC PRIVATE KEY-----`],
    ['a private key without its end', `-----BEGIN PRIVATE KEY-----\n${CANARY}`],
    ['an API key', 'sk-abcdefghijklmnop1234'],
    ['a GitHub token', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['a Slack token', 'xoxb-1234567890-abcdef'],
    ['an AWS key id', 'AKIAIOSFODNN7EXAMPLE'],
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'],
    ['a bearer header', 'Bearer abcdefgh12345678=='],
  ])('masks %s in free text', (_what, text) => {
    const masked = createRedactor('').text(`before ${text} after`)
    expect(masked).toContain('before [redacted]')
    expect(masked).not.toContain(text)
    expect(masked).not.toContain(CANARY)
  })

  it('leaves ordinary text as it is', () => {
    const text = 'The bearer of news said: sk-1, ghp_x, and a task-force-of-sixteen-letters.'
    expect(createRedactor('').text(text)).toBe(text)
  })

  it('masks a tracked text until everyone has forgotten it', () => {
    const redactor = createRedactor('')
    const forget = redactor.track(CANARY)
    const forgetAgain = redactor.track(CANARY)
    expect(redactor.text(`a ${CANARY} b ${CANARY}`)).toBe('a [redacted] b [redacted]')
    forget()
    forget()
    expect(redactor.text(CANARY)).toBe('[redacted]')
    forgetAgain()
    expect(redactor.text(CANARY)).toBe(CANARY)
  })

  it('does not track texts so short that they stand everywhere', () => {
    const redactor = createRedactor('')
    redactor.track('abc')
    expect(redactor.text('abc')).toBe('abc')
  })

  it('leaves no remainder of secrets that hold or overlap one another', () => {
    const redactor = createRedactor('')
    redactor.track('hunter2-production')
    redactor.track('hunter2')
    redactor.track('duction-key')
    expect(redactor.text('x hunter2-production y')).toBe('x [redacted] y')
    expect(redactor.text('x hunter2-production-key y')).toBe('x [redacted] y')
  })

  it('lets no tracked text through, wherever it stands', () => {
    const secrets = fc.array(anyText({ minLength: 4, maxLength: 12 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(secrets, fc.array(fc.string(), { maxLength: 4 }), (tracked, fill) => {
        fc.pre(tracked.every((secret) => !'[redacted]'.includes(secret)))
        const redactor = createRedactor('')
        for (const secret of tracked) redactor.track(secret)
        const text = tracked.map((secret, index) => `${fill[index] ?? ''}${secret}`).join('')
        const shown = redactor.text(text).replaceAll('[redacted]', '')
        for (const secret of tracked) expect(redactor.text(secret)).toBe('[redacted]')
        expect(shown.length).toBeLessThanOrEqual(fill.join('').length)
      }),
    )
  })

  it('masks in keys, lists, errors, and what serialises itself', () => {
    const redactor = createRedactor('')
    redactor.track(CANARY)
    const masked = redactor.value({
      [CANARY]: 1,
      list: [CANARY, { at: `x${CANARY}` }],
      error: new Error(`failed with ${CANARY}`, { cause: CANARY }),
      url: new URL(`http://host/${CANARY}`),
      wrapped: createSecretValue('plain'),
      bytes: Buffer.from(CANARY),
      number: 5,
      nothing: null,
    })
    expect(JSON.stringify(masked)).not.toContain(CANARY)
    expect(masked).toEqual({
      '[redacted]': 1,
      list: ['[redacted]', { at: 'x[redacted]' }],
      error: { name: 'Error', message: 'failed with [redacted]' },
      url: 'http://host/[redacted]',
      wrapped: '[redacted]',
      bytes: `[${CANARY.length} bytes]`,
      number: 5,
      nothing: null,
    })
  })

  it('keeps the shape of a result, and masks what is secret in it', () => {
    const redactor = createRedactor('')
    redactor.track(CANARY)
    redactor.track('48151623')
    const result = {
      value: 1,
      token: 'plain',
      list: [CANARY, `x${CANARY}`, 48151623, 4.8, true, null],
      [CANARY]: '-----BEGIN PRIVATE KEY----- and no end',
    }
    expect(redactor.json(result)).toEqual({
      value: 1,
      token: 'plain',
      list: ['[redacted]', 'x[redacted]', '[redacted]', 4.8, true, null],
      '[redacted]': '[redacted]',
    })
  })

  it('takes a moment for a long line that looks like the beginning of many credentials', () => {
    const redactor = createRedactor('')
    const line = 'eyJ-'.repeat(16_000)
    const startedMs = performance.now()
    expect(redactor.text(line)).toBe(line)
    expect(performance.now() - startedMs).toBeLessThan(500)
  })

  it('ends on a structure that holds itself', () => {
    const loop: Record<string, unknown> = { name: 'x' }
    loop['self'] = loop
    expect(JSON.stringify(createRedactor('').value(loop))).toContain('[redacted]')
  })

  it('shortens the home folder and only that', () => {
    const redactor = createRedactor('/home/ada')
    expect(redactor.text('/home/ada/x, /home/ada: /home/adam /home/ada.old')).toBe('~/x, ~: /home/adam /home/ada.old')
  })
})

describe('createLog', () => {
  const setUp = (level: 'debug' | 'warn') => {
    const lines: string[] = []
    const redactor = createRedactor('')
    redactor.track(CANARY)
    return { lines, log: createLog({ level, redactor, sink: { write: (line) => lines.push(line) } }) }
  }

  it('writes one redacted JSON line each, with area, facts and message', () => {
    const { lines, log } = setUp('debug')
    log.child('gate').warn({ password: 'p', note: CANARY, error: new Error(CANARY) }, 'refused')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      area: 'gate',
      password: '[redacted]',
      note: '[redacted]',
      error: { message: '[redacted]' },
      msg: 'refused',
    })
    expect(lines.join()).not.toContain(CANARY)
  })

  it('keeps what is at least as severe as its level', () => {
    const { lines, log } = setUp('warn')
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd'])
  })
})
