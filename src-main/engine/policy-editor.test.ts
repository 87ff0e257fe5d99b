import { POLICY_OPERATIONS, POLICY_RESOURCE_TYPES, PolicyEffect } from '@contract'
import { expect, it } from 'vitest'
import { EFFECTS, OPERATIONS, RESOURCE_TYPES } from './policy'

it('the contract and the policy engine speak of the same kinds, operations and effects', () => {
  expect([...POLICY_RESOURCE_TYPES]).toEqual([...RESOURCE_TYPES])
  expect([...POLICY_OPERATIONS]).toEqual([...OPERATIONS])
  expect(PolicyEffect.options).toEqual([...EFFECTS])
})
