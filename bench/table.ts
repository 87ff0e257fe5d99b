import type { BenchResult } from './result'

const HEADS = ['', 'n', 'p50', 'p95', 'p99', 'value', 'unit', 'baseline p50', 'ratio'] as const

const cell = (value: number | undefined): string => (value === undefined ? '' : String(value))

/** Results as a table for people, with the machine below. */
export const tableOf = (results: readonly BenchResult[]): string => {
  const rows = [
    [...HEADS],
    ...results.map((result) => [
      result.name,
      cell(result.n),
      cell(result.p50),
      cell(result.p95),
      cell(result.p99),
      cell(result.value),
      result.unit,
      cell(result.baseline?.value ?? result.baseline?.p50),
      cell(result.ratio),
    ]),
  ]
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  const machine = results[0]?.machine
  const facts = machine === undefined ? [] : Object.entries(machine).map(([name, value]) => `${name} ${value}`)
  return [...rows.map(line), '', facts.join(', ')].join('\n')
}
