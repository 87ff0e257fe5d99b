import { describe, expect, it } from 'vitest'
import {
  asOne,
  playwrightCounts,
  readTestArguments,
  settle,
  summaryLine,
  total,
  vitestCounts,
} from './test-results.mjs'

describe('vitestCounts', () => {
  const report = (over) => ({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
    ...over,
  })
  it('takes the counts', () => {
    expect(vitestCounts(report())).toEqual({ passed: 5, failed: 0, skipped: 2 })
  })
  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }]
    expect(vitestCounts(report({ testResults }))).toEqual({ passed: 5, failed: 1, skipped: 2 })
  })
  it('does not count a failed test twice', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
    expect(vitestCounts(report({ numFailedTests: 1, testResults })).failed).toBe(1)
  })
})

describe('playwrightCounts', () => {
  it('takes the counts', () => {
    const stats = { expected: 7, unexpected: 1, flaky: 0, skipped: 2 }
    expect(playwrightCounts({ stats, errors: [] })).toEqual({ passed: 7, failed: 1, skipped: 2 })
  })
  it('counts a flaky test and an error outside of tests as failures', () => {
    const stats = { expected: 7, unexpected: 0, flaky: 1, skipped: 0 }
    expect(playwrightCounts({ stats, errors: [{ message: 'no tests found' }] }).failed).toBe(2)
  })
})

describe('settle', () => {
  const counts = { passed: 3, failed: 0, skipped: 0 }
  it('takes the counts of a run that ended well', () => {
    expect(settle({ code: 0, counts })).toEqual(counts)
  })
  it('counts a failure when the runner ended with an error though no test failed', () => {
    expect(settle({ code: 1, counts })).toEqual({ passed: 3, failed: 1, skipped: 0 })
  })
  it('does not add to failures that are counted already', () => {
    expect(settle({ code: 1, counts: { ...counts, failed: 2 } }).failed).toBe(2)
  })
  it('counts a failure when there is no report', () => {
    expect(settle({ code: 0, counts: null })).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('the last line', () => {
  it('adds up all stages', () => {
    const sum = total([asOne(true), asOne(false), { passed: 40, failed: 1, skipped: 2 }])
    expect(summaryLine(sum)).toBe('41 passed, 2 failed, 2 skipped')
  })
})

describe('readTestArguments', () => {
  const stages = ['lint', 'unit', 'e2e']
  it('runs all stages when none are named', () => {
    expect(readTestArguments([], stages)).toEqual({ only: stages, rest: [] })
  })
  it.each([[['--only', 'unit,lint']], [['--only=unit,lint']]])('reads %o in the order of the stages', (argv) => {
    expect(readTestArguments(argv, stages)).toEqual({ only: ['lint', 'unit'], rest: [] })
  })
  it('hands on what follows a double dash', () => {
    const argv = ['--only', 'e2e', '--', '--grep', 'secrets']
    expect(readTestArguments(argv, stages)).toEqual({ only: ['e2e'], rest: ['--grep', 'secrets'] })
  })
  it.each([[['--only', 'units']], [['--only']], [['--all']]])('refuses %o', (argv) => {
    expect(readTestArguments(argv, stages)).toHaveProperty('error')
  })
})
