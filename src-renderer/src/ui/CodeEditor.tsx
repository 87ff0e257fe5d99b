import { lazy, Suspense } from 'react'
import type { CodeMirrorProps } from './CodeMirrorView'

export type { CodeProblem } from './CodeMirrorView'

const CodeMirrorView = lazy(async () => ({ default: (await import('./CodeMirrorView')).CodeMirrorView }))

/** A code editor or, read-only, a code view. The editor itself is loaded when the first one is shown. */
export function CodeEditor(props: CodeMirrorProps) {
  return (
    <Suspense
      fallback={
        <div
          className={props.fill === true ? 'skeleton min-h-0 w-full flex-1' : 'skeleton w-full'}
          style={props.fill === true ? undefined : { minHeight: props.minHeight ?? 160 }}
        />
      }
    >
      <CodeMirrorView {...props} />
    </Suspense>
  )
}
