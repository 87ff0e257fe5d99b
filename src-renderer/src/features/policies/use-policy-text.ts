import type { PolicySet } from '@contract'
import { useState } from 'react'

export interface PolicyText {
  readonly text: string
  /** The file as it was when the text was begun; saving says so, so that nobody is overwritten. */
  readonly base: PolicySet
  readonly dirty: boolean
  /** The file is another one by now, and the text was touched. */
  readonly overtaken: boolean
  readonly setText: (text: string) => void
  readonly discard: () => void
  /** Go on with the text that was typed, on top of the file as it is now. */
  readonly keep: () => void
  readonly saved: (policy: PolicySet) => void
}

/** The text in the editor. Untouched it follows the file; touched it keeps what was typed and says that the file moved. */
export const usePolicyText = (policy: PolicySet): PolicyText => {
  const [base, setBase] = useState(policy)
  const [text, setText] = useState(policy.text)
  const dirty = text !== base.text
  const moved = policy.textHash !== base.textHash
  const follow = (next: PolicySet) => {
    setBase(next)
    setText(next.text)
  }
  if (moved && !dirty) follow(policy)
  return {
    text,
    base,
    dirty,
    overtaken: moved && dirty,
    setText,
    discard: () => follow(policy),
    keep: () => setBase(policy),
    saved: follow,
  }
}
