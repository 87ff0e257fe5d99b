import clsx from 'clsx'
import { Fragment, memo, type ReactNode } from 'react'
import { isPlain, splitUntrusted } from '@/lib/untrusted'

/** Mark every place of `needle` (lower case) in a run of plain text. */
const withHits = (text: string, needle: string): ReactNode => {
  if (needle === '') return text
  const lower = text.toLowerCase()
  const parts: ReactNode[] = []
  let from = 0
  for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, from)) {
    if (at > from) parts.push(text.slice(from, at))
    parts.push(
      <mark key={at} className="rounded-[2px] bg-wait/25 text-inherit">
        {text.slice(at, at + needle.length)}
      </mark>,
    )
    from = at + needle.length
  }
  if (parts.length === 0) return text
  parts.push(text.slice(from))
  return parts
}

export interface MarkedProps {
  readonly text: string
  /** Lower-case text to highlight. */
  readonly needle?: string
}

/** The inside of UntrustedText, for places that bring their own element. */
export function Marked({ text, needle = '' }: MarkedProps) {
  if (isPlain(text)) return <>{withHits(text, needle)}</>
  return (
    <>
      {splitUntrusted(text).map((part) =>
        part.kind === 'text' ? (
          <Fragment key={part.at}>{withHits(part.text, needle)}</Fragment>
        ) : (
          <mark key={part.at} className="hidden-character" title={`${part.codePoint}: ${part.name}`}>
            {`⟨${part.codePoint}⟩`}
          </mark>
        ),
      )}
    </>
  )
}

export interface UntrustedTextProps extends MarkedProps {
  readonly className?: string
}

/**
 * The only way to show text that a tool, a server or an agent wrote: plain, mono, isolated in direction, with every
 * hidden character named.
 */
export const UntrustedText = memo(function UntrustedText({ text, needle = '', className }: UntrustedTextProps) {
  return (
    <bdi className={clsx('font-mono text-xs [overflow-wrap:anywhere]', className)}>
      <Marked text={text} needle={needle} />
    </bdi>
  )
})
