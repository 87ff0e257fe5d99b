import { yaml } from '@codemirror/lang-yaml'
import { syntaxHighlighting } from '@codemirror/language'
import { goToNextChunk, goToPreviousChunk, MergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { cspNonce } from '@/lib/csp'
import { useShortcuts } from '@/lib/use-shortcuts'
import { editorColours, editorTheme } from './CodeMirrorView'

export interface MergeProps {
  readonly before: string
  readonly after: string
  /** What each side is, for its name. */
  readonly beforeLabel: string
  readonly afterLabel: string
}

const mergeTheme = EditorView.theme({
  '.cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--ok) 7%, transparent)' },
  '&.cm-merge-b .cm-changedText': { background: 'color-mix(in srgb, var(--ok) 14%, transparent)' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--bad) 6%, transparent)' },
  '&.cm-merge-a .cm-changedText': { background: 'color-mix(in srgb, var(--bad) 14%, transparent)' },
  '.cm-collapsedLines': { background: 'var(--active)', color: 'var(--text-2)', padding: '2px 12px' },
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '""' },
  '.cm-changeGutter': { width: '3px' },
})

const side = (label: string): Extension => [
  EditorView.cspNonce.of(cspNonce()),
  lineNumbers(),
  highlightSpecialChars(),
  EditorView.lineWrapping,
  yaml(),
  syntaxHighlighting(editorColours),
  editorTheme,
  mergeTheme,
  EditorState.readOnly.of(true),
  EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
]

/** CodeMirror's merge view, read-only; `]` and `[` go to the next and the previous change. */
export function CodeMirrorMerge({ before, after, beforeLabel, afterLabel }: MergeProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<MergeView | null>(null)
  useEffect(() => {
    if (host.current === null) return
    const merge = new MergeView({
      a: { doc: before, extensions: side(beforeLabel) },
      b: { doc: after, extensions: side(afterLabel) },
      parent: host.current,
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
    })
    view.current = merge
    return () => {
      view.current = null
      merge.destroy()
    }
  }, [before, after, beforeLabel, afterLabel])
  const go = (command: typeof goToNextChunk) => {
    const editor = view.current?.b
    if (editor === undefined) return
    command(editor)
    editor.dispatch({ effects: EditorView.scrollIntoView(editor.state.selection.main.head, { y: 'center' }) })
  }
  useShortcuts([
    { keys: ']', label: 'Next change', group: 'Difference', run: () => go(goToNextChunk) },
    { keys: '[', label: 'Previous change', group: 'Difference', run: () => go(goToPreviousChunk) },
  ])
  return <div ref={host} className="min-h-0 flex-1 overflow-auto rounded-md border border-line bg-sunken" />
}
