import { describe, expect, it } from 'vitest'
import { isAppUrl } from './origin'

describe('isAppUrl', () => {
  it.each(['app://console/', 'app://console/?theme=dark#/agents', 'app://console/assets/index.js'])(
    'knows %s as ours',
    (address) => expect(isAppUrl(address)).toBe(true),
  )

  it.each([
    'app://other/',
    'app://console.evil/',
    'app://console@evil/',
    'app://evil@console/',
    'app://console:8080/',
    'evil://console/',
    'https://console/',
    'file:///console/',
    'app:console',
    'null',
    '',
    'about:blank',
  ])('knows %j as foreign', (address) => expect(isAppUrl(address)).toBe(false))
})
