import { EndCause, ERROR_CODES, ERROR_TYPES, ERRORS, type ErrorCode, type ErrorType } from '@contract'
import { describe, expect, it } from 'vitest'
import { isFault, typeOfCode, typeOfEnd } from './classify'

/** The families that say their type by their name. */
const FAMILIES: Readonly<Record<string, ErrorType>> = {
  SANDBOX_001: 'sandbox',
  SANDBOX_004: 'sandbox',
  POLICY_001: 'policy',
  APPROVAL_001: 'policy',
  REVIEW_001: 'policy',
  IPC_001: 'validation',
  AGENT_004: 'validation',
  COMM_002: 'validation',
  SEC_001: 'security',
  SCHEMA_001: 'security',
  COMM_003: 'security',
  COMM_001: 'network',
  MCP_001: 'network',
  MCP_004: 'timeout',
  RUN_002: 'timeout',
  RUN_001: 'program',
  RESOURCE_001: 'resource-exhausted',
  POLICY_004: 'resource-exhausted',
  INTERNAL_001: 'system',
}

describe('the classifier', () => {
  it('knows every code, and each type has codes: none is only declared (V1)', () => {
    const used = new Set(ERROR_CODES.map(typeOfCode))
    expect(ERROR_CODES.length).toBe(Object.keys(ERRORS).length)
    expect([...used].sort()).toEqual([...ERROR_TYPES].sort())
  })

  it.each(Object.entries(FAMILIES))('%s is a matter of: %s (V1)', (code, type) => {
    expect(typeOfCode(code as ErrorCode)).toBe(type)
  })

  it('knows every cause of an end; those that somebody wanted are no failures (V1)', () => {
    const wanted = EndCause.options.filter((cause) => typeOfEnd(cause, 'RUN_001') === null)
    expect(wanted).toEqual(['completed', 'deadline-passed', 'stopped-by-operator', 'cancelled', 'preempted'])
  })

  it('takes the code where the cause says nothing by itself, and the cause where it does (V1)', () => {
    expect(typeOfEnd('refused', 'POLICY_001')).toBe('policy')
    expect(typeOfEnd('program-error', 'IPC_001')).toBe('validation')
    expect(typeOfEnd('sandbox-failed', 'SANDBOX_004')).toBe('sandbox')
    expect(typeOfEnd('out-of-memory', 'RUN_001')).toBe('resource-exhausted')
    expect(typeOfEnd('execution-timeout', 'RUN_002')).toBe('timeout')
    expect(typeOfEnd('killed', 'RUN_001')).toBe('program')
  })

  it('blames what was called for its own failures, never for a refusal or a mistake of the caller (V5)', () => {
    expect((['MCP_001', 'MCP_002', 'MCP_004', 'SANDBOX_002', 'SANDBOX_004'] as const).map(isFault)).not.toContain(false)
    for (const code of ERROR_CODES.filter((one) =>
      ['policy', 'validation', 'security', 'program'].includes(typeOfCode(one)),
    ))
      expect(isFault(code), code).toBe(false)
    expect(isFault('RUN_003')).toBe(false)
    expect(isFault('RECOVERY_001')).toBe(false)
  })
})
