// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import { createShortcuts, isTypingTarget, type KeyPress, pressName } from './shortcuts'

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...change,
})

const free = { typing: false, blocked: false }

const setUp = () => {
  let atMs = 0
  const engine = createShortcuts({ now: () => atMs })
  const ran: string[] = []
  const shortcut = (keys: string, change = {}) => ({
    keys,
    label: keys,
    group: 'Test',
    run: () => ran.push(keys),
    ...change,
  })
  return { engine, ran, shortcut, wait: (ms: number) => (atMs += ms) }
}

describe('pressName', () => {
  it.each([
    [press('j'), 'j'],
    [press('J', { shiftKey: true }), 'j'],
    [press('?', { shiftKey: true }), '?'],
    [press('k', { ctrlKey: true }), 'mod+k'],
    [press('k', { metaKey: true }), 'mod+k'],
    [press('Enter', { shiftKey: true }), 'shift+Enter'],
    [press('ArrowLeft', { altKey: true }), 'alt+ArrowLeft'],
  ])('names %o', (given, name) => {
    expect(pressName(given)).toBe(name)
  })
})

describe('shortcuts', () => {
  it('runs a key, a chord and a sequence', () => {
    const { engine, ran, shortcut } = setUp()
    engine.add([shortcut('j'), shortcut('mod+k'), shortcut('g a'), shortcut('a')])
    expect(engine.press(press('j'), free)).toBe(true)
    expect(engine.press(press('k', { ctrlKey: true }), free)).toBe(true)
    expect(engine.press(press('g'), free)).toBe(true)
    expect(engine.press(press('a'), free)).toBe(true)
    expect(engine.press(press('x'), free)).toBe(false)
    expect(ran).toEqual(['j', 'mod+k', 'g a'])
  })

  it('forgets the first key of a sequence after a while', () => {
    const { engine, ran, shortcut, wait } = setUp()
    engine.add([shortcut('g a'), shortcut('a')])
    engine.press(press('g'), free)
    wait(1500)
    engine.press(press('a'), free)
    expect(ran).toEqual(['a'])
  })

  it.each([[{ typing: true, blocked: false }], [{ typing: false, blocked: true }]])(
    'leaves letters alone in %o, but not what says it works there',
    (context) => {
      const { engine, ran, shortcut } = setUp()
      engine.add([shortcut('a'), shortcut('mod+k', { whileTyping: true })])
      expect(engine.press(press('a'), context)).toBe(false)
      expect(engine.press(press('k', { ctrlKey: true }), context)).toBe(true)
      expect(ran).toEqual(['mod+k'])
    },
  )

  it('lets the newest win and the older come back', () => {
    const { engine, ran, shortcut } = setUp()
    engine.add([shortcut('j')])
    const newer = vi.fn()
    const remove = engine.add([shortcut('j', { run: newer })])
    engine.press(press('j'), free)
    remove()
    engine.press(press('j'), free)
    expect(newer).toHaveBeenCalledTimes(1)
    expect(ran).toEqual(['j'])
    expect(engine.all()).toHaveLength(1)
  })
})

describe('isTypingTarget', () => {
  it('is true in fields and editors only', () => {
    document.body.innerHTML =
      '<input id="a"><textarea id="b"></textarea><div id="c" role="textbox" contenteditable="true"><span id="d"></span></div><input id="e" type="checkbox"><button id="f"></button>'
    const at = (id: string) => isTypingTarget(document.getElementById(id))
    expect(['a', 'b', 'c', 'd'].map(at)).toEqual([true, true, true, true])
    expect(['e', 'f'].map(at)).toEqual([false, false])
    expect(isTypingTarget(null)).toBe(false)
  })
})
