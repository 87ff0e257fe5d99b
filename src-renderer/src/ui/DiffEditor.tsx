import { lazy, Suspense } from 'react'
import type { MergeProps } from './CodeMirrorMerge'

const CodeMirrorMerge = lazy(async () => ({ default: (await import('./CodeMirrorMerge')).CodeMirrorMerge }))

/** Two texts side by side, what differs marked, what is equal folded. Loaded when the first one is shown. */
export function DiffEditor(props: MergeProps) {
  return (
    <Suspense fallback={<div className="skeleton min-h-0 w-full flex-1" />}>
      <CodeMirrorMerge {...props} />
    </Suspense>
  )
}
