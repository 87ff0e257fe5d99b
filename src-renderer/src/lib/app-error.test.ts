import { describe, expect, it } from 'vitest'
import { AppError, fieldIssues, issueFor, toAppError } from './app-error'

const invalid = (issues: unknown) =>
  new AppError({
    code: 'IPC_001',
    message: 'The input of the request is not valid.',
    nextStep: 'Correct the field that is named.',
    retryable: false,
    details: { issues: issues as never },
  })

describe('AppError', () => {
  it('keeps what crossed the wire', () => {
    const error = new AppError({ code: 'SECRET_001', message: 'none', nextStep: 'check', retryable: true })
    expect(error).toMatchObject({
      code: 'SECRET_001',
      message: 'none',
      nextStep: 'check',
      retryable: true,
      details: {},
    })
    expect(toAppError(error)).toBe(error)
  })

  it('makes INTERNAL_001 of anything else', () => {
    expect(toAppError(new TypeError('x is not a function'))).toMatchObject({
      code: 'INTERNAL_001',
      message: 'x is not a function',
    })
    expect(toAppError('odd').code).toBe('INTERNAL_001')
  })

  it.each([['definition.limits.memoryMb'], ['/definition/limits/memoryMb'], ['limits.memoryMb']])(
    'finds the field of %s',
    (path) => {
      const error = invalid([{ path, message: 'Too small.' }])
      expect(issueFor(error, 'limits.memoryMb')).toBe('Too small.')
      expect(issueFor(error, 'limits.cpuCores')).toBeUndefined()
    },
  )

  it('takes a path as a list and an issue inside a field', () => {
    const error = invalid([{ path: ['definition', 'tools', 0], message: 'Empty.' }])
    expect(issueFor(error, 'tools')).toBe('Empty.')
    expect(issueFor(error, 'tool')).toBeUndefined()
  })

  it('does not mistake a nested name for the name', () => {
    expect(issueFor(invalid([{ path: 'definition.files.0.name', message: 'Bad.' }]), 'name')).toBeUndefined()
  })

  it('survives details that are not issues', () => {
    expect(fieldIssues(invalid('nonsense'))).toEqual([])
    expect(fieldIssues(invalid([null, 3, { path: 'a' }, { path: 'b', message: 'm' }]))).toEqual([
      { path: 'b', message: 'm' },
    ])
    expect(fieldIssues(null)).toEqual([])
  })
})
