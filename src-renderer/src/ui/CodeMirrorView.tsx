import { autocompletion, type CompletionContext, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Extension, type Text } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import clsx from 'clsx'
import { useEffect, useRef } from 'react'
import { cspNonce } from '@/lib/csp'
import type { Suggestions } from '@/lib/schema-completion'

export type CodeLanguage = 'javascript' | 'json' | 'yaml'

/** Lines and columns count from 1; the end is exclusive. */
export interface CodeProblem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface CodeMirrorProps {
  readonly label: string
  readonly language: CodeLanguage
  readonly value: string
  readonly onChange?: (value: string) => void
  readonly readOnly?: boolean
  /** Pixels. */
  readonly minHeight?: number
  /** Fill the parent instead of growing with the text. */
  readonly fill?: boolean
  /** Show this line, counted from 1, e.g. where an error is. */
  readonly revealLine?: number | null
  /** Marked in the text, in the gutter and on hover. */
  readonly problems?: readonly CodeProblem[]
  /** What may be written at an offset. */
  readonly suggest?: (text: string, offset: number) => Suggestions | null
  readonly className?: string
}

const LANGUAGES: Record<CodeLanguage, () => Extension> = { javascript, json, yaml }

export const editorTheme = EditorView.theme({
  '&': { backgroundColor: 'var(--sunken)', color: 'var(--text)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '18px' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--text-3)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 10px 0 12px', minWidth: '36px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--text) 4%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 26%, transparent)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--active)', outline: '1px solid var(--line-strong)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    boxShadow: 'var(--lift)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: '12px', maxHeight: '16em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px', lineHeight: '18px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--active)', color: 'var(--text)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionInfo': {
    padding: '6px 8px',
    maxWidth: '320px',
    fontFamily: 'var(--font-sans)',
    color: 'var(--text-2)',
  },
  '.cm-diagnostic': { padding: '4px 8px', maxWidth: '480px', fontFamily: 'var(--font-sans)' },
  '.cm-diagnostic-error': { borderLeft: '2px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '2px solid var(--wait)' },
  '.cm-lintRange': { backgroundImage: 'none', textDecoration: 'underline wavy', textUnderlineOffset: '3px' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--bad)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--wait)' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '5px 0 0 4px' },
  '.cm-lint-marker': { content: '""', width: '8px', height: '8px' },
  '.cm-lint-marker-error': { content: '""', background: 'var(--bad)', borderRadius: '4px' },
  '.cm-lint-marker-warning': { content: '""', background: 'var(--wait)', borderRadius: '1px' },
})

export const editorColours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.moduleKeyword], color: 'var(--hold)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--wait)' },
  { tag: [tags.comment], color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--change)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

const offsetOf = (doc: Text, line: number, column: number): number => {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines))
  return Math.min(to, from + Math.max(0, column - 1))
}

const diagnosticOf =
  (doc: Text) =>
  ({ severity, message, line, column, endLine, endColumn }: CodeProblem): Diagnostic => {
    const from = offsetOf(doc, line, column)
    return { severity, message, from, to: Math.max(from, offsetOf(doc, endLine, endColumn)) }
  }

const complete = (context: CompletionContext, suggest: CodeMirrorProps['suggest']) => {
  if (!context.explicit && context.matchBefore(/[\w.-]+$/) === null) return null
  const found = suggest?.(context.state.doc.toString(), context.pos)
  if (found === undefined || found === null) return null
  return {
    from: found.from,
    validFor: /^[\w.-]*$/,
    options: found.options.map(({ label, text, kind, note }) => ({
      label,
      apply: text,
      type: kind === 'key' ? 'property' : 'enum',
      ...(note === '' ? {} : { info: note }),
    })),
  }
}

/** CodeMirror, themed by the tokens. Tab indents; Escape then Tab leaves (CodeMirror's own rule). */
export function CodeMirrorView(props: CodeMirrorProps) {
  const { label, language, value, onChange, readOnly = false, minHeight = 160, fill = false, revealLine } = props
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const changed = useRef(onChange)
  const initial = useRef(value)
  const suggest = useRef(props.suggest)
  const marksProblems = props.problems !== undefined
  suggest.current = props.suggest
  changed.current = onChange
  initial.current = value

  useEffect(() => {
    if (host.current === null) return
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          lineNumbers(),
          history(),
          highlightSpecialChars(),
          drawSelection(),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of('  '),
          LANGUAGES[language](),
          syntaxHighlighting(editorColours),
          editorTheme,
          suggest.current === undefined
            ? []
            : autocompletion({ override: [(context) => complete(context, suggest.current)], icons: false }),
          marksProblems ? lintGutter() : [],
          EditorState.readOnly.of(readOnly),
          readOnly ? [] : [highlightActiveLine(), highlightActiveLineGutter()],
          keymap.of([
            ...completionKeymap,
            ...lintKeymap,
            ...defaultKeymap,
            ...historyKeymap,
            ...(readOnly ? [] : [indentWithTab]),
          ]),
          EditorView.contentAttributes.of({
            'aria-label': label,
            tabindex: '0',
            ...(readOnly ? { 'aria-readonly': 'true' } : {}),
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [label, language, readOnly, marksProblems])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  const { problems } = props
  useEffect(() => {
    const editor = view.current
    if (editor === null || problems === undefined) return
    editor.dispatch(setDiagnostics(editor.state, problems.map(diagnosticOf(editor.state.doc))))
  }, [problems])

  useEffect(() => {
    const editor = view.current
    if (editor === null || revealLine === undefined || revealLine === null) return
    if (revealLine < 1 || revealLine > editor.state.doc.lines) return
    const { from } = editor.state.doc.line(revealLine)
    editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
  }, [revealLine])

  return (
    <div
      ref={host}
      data-language={language}
      className={clsx(
        'min-w-0 overflow-hidden rounded-md border border-line-strong has-[.cm-focused]:outline-2 has-[.cm-focused]:outline-accent',
        fill && 'min-h-0 flex-1 [&_.cm-editor]:h-full',
        readOnly && 'border-line',
        props.className,
      )}
      style={fill ? undefined : { minHeight }}
    />
  )
}
