import { describe, expect, it } from 'vitest'
import { senderProblem } from './sender'

const ours = { frame: { url: 'app://console/?theme=dark#/agents', parent: null }, isCurrent: true, isOurWindow: true }

describe('a sender', () => {
  it('is answered when it is the top frame of our window and shows our page', () => {
    expect(senderProblem(ours)).toBeUndefined()
  })

  it.each([
    ['a frame that has gone', { ...ours, frame: null }],
    ['a frame that the page no longer shows', { ...ours, isCurrent: false }],
    ['a frame inside our page', { ...ours, frame: { ...ours.frame, parent: {} } }],
    ['a page of the web', { ...ours, frame: { url: 'https://console/', parent: null } }],
    ['a file', { ...ours, frame: { url: 'file:///tmp/console/', parent: null } }],
    // Both origins are "null" in Node, so a comparison of origins would let this one in.
    ['another host of our scheme', { ...ours, frame: { url: 'app://evil/', parent: null } }],
    ['an empty page', { ...ours, frame: { url: 'about:blank', parent: null } }],
    ['no address at all', { ...ours, frame: { url: '', parent: null } }],
    ['a page that is no window of ours', { ...ours, isOurWindow: false }],
  ])('is refused when it is %s', (_name, sender) => {
    expect(senderProblem(sender)).toEqual(expect.any(String))
  })
})
