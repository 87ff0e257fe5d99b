import type { PolicyProblem } from '@contract'
import { plural } from '@/lib/format'
import { StateShape } from '@/ui'

export interface ProblemListProps {
  readonly problems: readonly PolicyProblem[]
  readonly onShow: (line: number) => void
}

const counted = (problems: readonly PolicyProblem[]): string => {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  return [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : '']
    .filter((part) => part !== '')
    .join(', ')
}

/** What is wrong, or looks wrong, each with its place; a click goes there. */
export function ProblemList({ problems, onShow }: ProblemListProps) {
  if (problems.length === 0) return null
  return (
    <section aria-label="Problems" className="flex max-h-44 shrink-0 flex-col border-t border-line">
      <h3 className="section-title px-4 pt-2 pb-1">{counted(problems)}</h3>
      <ul className="min-h-0 overflow-y-auto pb-2">
        {problems.map((problem) => (
          <li key={`${problem.code} ${String(problem.line)}:${String(problem.column)} ${problem.message}`}>
            <button
              type="button"
              onClick={() => onShow(problem.line)}
              className="grid w-full grid-cols-[auto_3rem_minmax(0,1fr)_auto] items-baseline gap-2.5 px-4 py-0.5 text-left outline-offset-[-2px] hover:bg-hover"
            >
              <StateShape
                shape={problem.severity === 'error' ? 'cross' : 'triangle'}
                className={problem.severity === 'error' ? 'text-bad' : 'text-wait'}
              />
              <span className="num text-xs text-text-3">
                <span className="sr-only">{problem.severity} at line </span>
                {problem.line}:{problem.column}
              </span>
              <span className="[overflow-wrap:anywhere]">{problem.message}</span>
              <span className="font-mono text-xs text-text-3">{problem.code}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
