import { plural } from '@/lib/format'
import { Button, EmptyState, ErrorState, SkeletonRows, StatusBadge } from '@/ui'
import { Answer } from './Answer'
import type { Inspection } from './use-inspection'

const PASSED = { word: 'Passed', shape: 'check', colour: 'text-ok' } as const
const FAILED = { word: 'Failed', shape: 'cross', colour: 'text-bad' } as const

export interface TestsTabProps {
  readonly inspection: Inspection
  /** The text differs from the file. */
  readonly dirty: boolean
}

/** What the file says about itself under `tests:`, each with what really came out. */
export function TestsTab({ inspection, dirty }: TestsTabProps) {
  const { result, error, current } = inspection
  if (result === null) return error === null ? <SkeletonRows /> : <ErrorState error={error} onRetry={inspection.run} />
  const { tests } = result
  const failed = tests.filter(({ ok }) => !ok).length
  return (
    <section aria-label="Tests" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-4">
        <h2 className="section-title">
          {tests.length === 0
            ? 'No tests'
            : failed === 0
              ? `${plural(tests.length, 'test')}, all passed`
              : `${plural(failed, 'test')} of ${String(tests.length)} failed`}
        </h2>
        <span className="text-xs text-text-3">
          {current ? (dirty ? 'on the text in the editor, not saved' : 'on the file') : 'looking at the newest text'}
        </span>
        <Button className="ml-auto" onPress={inspection.run}>
          Run tests
        </Button>
      </div>
      {tests.length === 0 ? (
        <EmptyState title="This file has no tests">
          Write what must stay allowed and denied under “tests:”. A file whose tests fail never takes effect.
        </EmptyState>
      ) : (
        <ol tabIndex={0} aria-label="Results" className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]">
          {tests.map((test, index) => (
            <li
              key={`${String(index)} ${test.name}`}
              data-ok={test.ok}
              className="grid grid-cols-[5.5rem_minmax(0,1fr)_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-1.5"
            >
              <StatusBadge look={test.ok ? PASSED : FAILED} />
              <span className="font-medium [overflow-wrap:anywhere]">{test.name}</span>
              <Answer answer={test.decision} />
              {test.problem !== null && (
                <span className="col-span-2 col-start-2 text-bad">
                  {test.problem.message}{' '}
                  <span className="num text-xs text-text-3">
                    line {test.problem.line}, column {test.problem.column}
                  </span>
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
