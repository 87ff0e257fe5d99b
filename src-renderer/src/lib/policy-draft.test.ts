import { beforeEach, describe, expect, it } from 'vitest'
import { insertRule, usePolicyDraft } from './policy-draft'

const RULE = '  - id: new\n    effect: Allow\n'

describe('insertRule', () => {
  it('puts the rule at the head of the list and keeps the rest', () => {
    expect(insertRule('version: "1.0"\npolicies:\n  - id: old\n    effect: Deny\n', RULE)).toBe(
      'version: "1.0"\npolicies:\n  - id: new\n    effect: Allow\n\n  - id: old\n    effect: Deny\n',
    )
  })

  it('opens an empty list', () => {
    expect(insertRule('policies: [] # none yet\ntests: []\n', RULE)).toBe(
      'policies: # none yet\n  - id: new\n    effect: Allow\n\ntests: []\n',
    )
  })

  it('begins the list where there is none', () => {
    expect(insertRule('version: "1.0"', RULE)).toBe('version: "1.0"\npolicies:\n  - id: new\n    effect: Allow\n')
  })
})

describe('a proposed rule', () => {
  beforeEach(() => usePolicyDraft.setState({ proposed: null }))

  it('is taken once', () => {
    usePolicyDraft.getState().propose(RULE)
    expect(usePolicyDraft.getState().take()).toBe(RULE)
    expect(usePolicyDraft.getState().take()).toBeNull()
  })
})
