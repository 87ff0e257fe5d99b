import { describe, expect, it } from 'vitest'
import { externalTarget } from './external-target'

describe('externalTarget', () => {
  it.each([
    ['https://example.com', 'https://example.com/'],
    ['HTTPS://Example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
    ['mailto:ada@example.com?subject=hello', 'mailto:ada@example.com?subject=hello'],
  ])('lets %s out', (address, target) => expect(externalTarget(address)).toBe(target))

  it.each([
    'http://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,hello',
    'smb://host/share',
    'ms-settings:privacy',
    'ssh://host',
    'vscode://file/etc/passwd',
    'app://console/',
    'https://known.example@evil.example/',
    'https://user:word@evil.example/',
    '//example.com',
    'example.com',
    '',
    `https://example.com/${'a'.repeat(2000)}`,
  ])('keeps %j in', (address) => expect(externalTarget(address)).toBeUndefined())
})
