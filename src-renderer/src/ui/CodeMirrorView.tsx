import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState, type Extension } from '@codemirror/state'
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

export type CodeLanguage = 'javascript' | 'json' | 'yaml'

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
  readonly className?: string
}

const LANGUAGES: Record<CodeLanguage, () => Extension> = { javascript, json, yaml }

const theme = EditorView.theme({
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
})

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.moduleKeyword], color: 'var(--hold)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--wait)' },
  { tag: [tags.comment], color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--change)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

/** CodeMirror, themed by the tokens. Tab indents; Escape then Tab leaves (CodeMirror's own rule). */
export function CodeMirrorView(props: CodeMirrorProps) {
  const { label, language, value, onChange, readOnly = false, minHeight = 160, fill = false, revealLine } = props
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const changed = useRef(onChange)
  const initial = useRef(value)
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
          syntaxHighlighting(highlight),
          theme,
          EditorState.readOnly.of(readOnly),
          readOnly ? [] : [highlightActiveLine(), highlightActiveLineGutter()],
          keymap.of([...defaultKeymap, ...historyKeymap, ...(readOnly ? [] : [indentWithTab])]),
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
  }, [label, language, readOnly])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

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
