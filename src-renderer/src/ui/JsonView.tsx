import type { Json } from '@contract'
import clsx from 'clsx'
import { Fragment, memo, useMemo } from 'react'
import { prettyJson } from '@/lib/json-text'
import { scrollable } from './scrollable'
import { Marked } from './UntrustedText'

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g

interface Token {
  readonly at: number
  readonly text: string
  readonly colour: string | null
}

const tokens = (line: string): readonly Token[] => {
  const found: Token[] = []
  let from = 0
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > from) found.push({ at: from, text: line.slice(from, match.index), colour: null })
    const [whole, string, colon] = match
    if (string !== undefined && colon !== undefined) {
      found.push({ at: match.index, text: string, colour: 'text-change' })
      found.push({ at: match.index + string.length, text: colon, colour: null })
    } else found.push({ at: match.index, text: whole, colour: string === undefined ? 'text-hold' : 'text-text' })
    from = match.index + whole.length
  }
  if (from < line.length) found.push({ at: from, text: line.slice(from), colour: null })
  return found
}

/** One line of JSON, tinted; hidden characters inside strings are named. */
export const JsonLine = memo(function JsonLine({ line }: { readonly line: string }) {
  return (
    <>
      {tokens(line).map((token) =>
        token.colour === null ? (
          <Fragment key={token.at}>
            <span className="text-text-2">
              <Marked text={token.text} />
            </span>
          </Fragment>
        ) : (
          <bdi key={token.at} className={token.colour}>
            <Marked text={token.text} />
          </bdi>
        ),
      )}
    </>
  )
})

export interface JsonViewProps {
  readonly value: Json
  readonly label: string
  readonly className?: string
}

/** JSON to read and select, every character visible. */
export function JsonView({ value, label, className }: JsonViewProps) {
  const lines = useMemo(
    () =>
      prettyJson(value)
        .split('\n')
        .map((text, number) => ({ number, text })),
    [value],
  )
  return (
    <section
      aria-label={label}
      {...scrollable}
      className={clsx('overflow-auto rounded-md border border-line bg-sunken px-3 py-2', className)}
    >
      <pre className="font-mono text-xs leading-[18px] whitespace-pre-wrap [overflow-wrap:anywhere]">
        {lines.map((line) => (
          <Fragment key={line.number}>
            <JsonLine line={line.text} />
            {'\n'}
          </Fragment>
        ))}
      </pre>
    </section>
  )
}
