import { readFileSync, writeFileSync } from 'node:fs'
import { ERRORS, type ErrorEntry } from '@contract'
import { describe, expect, it } from 'vitest'
import { markdownTable } from '../testing/markdown-table'

const PAGE = 'docs/errors.md'

const INTRODUCTION = `# Errors

Every error of Symbi Console has one of these codes, on every transport: in the console, in the answer of an API call, in
the output of the command line and in the audit trail. With the code come a sentence about this case, what you can do
next, and whether trying again can help. Made from the table in src-preload/contract/errors.ts.

`

const page = (): string => {
  const rows = Object.entries<ErrorEntry>(ERRORS).map(([code, entry]) => [
    `\`${code}\``,
    entry.meaning,
    entry.nextStep,
    entry.retryable ? 'yes' : 'no',
    String(entry.http),
  ])
  const head = ['Code', 'Meaning', 'What you can do', 'Try again', 'HTTP']
  return `${INTRODUCTION}${markdownTable(head, rows)}\n`
}

describe('docs/errors.md', () => {
  it('lists every code as the program knows it (UPDATE_DOCS=1 writes it)', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page())
    expect(readFileSync(PAGE, 'utf8')).toBe(page())
  })
})

describe('the table of errors', () => {
  it('keeps the published codes', () => {
    const published = [
      'AGENT_001',
      'RESOURCE_001',
      'COMM_001',
      'SCHED_001',
      'SEC_001',
      'CTX_001',
      'RAG_001',
      'VDB_001',
      'MCP_001',
      'SCHEMA_001',
      'POLICY_001',
    ]
    expect(Object.keys(ERRORS)).toEqual(expect.arrayContaining(published))
  })

  it('tells in whole sentences what is wrong and what to do', () => {
    for (const entry of Object.values<ErrorEntry>(ERRORS)) {
      expect(entry.meaning).toMatch(/^[A-Z].*\.$/)
      expect(entry.nextStep).toMatch(/^[A-Z].*\.$/)
      expect(entry.http).toBeGreaterThanOrEqual(400)
    }
  })
})
