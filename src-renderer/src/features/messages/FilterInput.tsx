import clsx from 'clsx'
import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Button, IconButton, TextInput } from '@/ui'
import { type Problem, parseFilter, suggestAt, type Vocabulary } from './filter'

const PAUSE_MS = 300

export interface FilterInputProps {
  /** The filter that is in force. */
  readonly value: string
  readonly vocabulary: Vocabulary
  /** What is wrong with the filter in force, found only by knowing who there is. */
  readonly problems: readonly Problem[]
  /** A filter without a wrong word; undefined when nothing is left. */
  readonly onValue: (value: string | undefined) => void
  /** Enter, or Escape when nothing is open: back to the list. */
  readonly onLeave: () => void
}

/** A term that is still being typed is not yet wrong. */
const settled = (problems: readonly Problem[], caret: number | null): readonly Problem[] =>
  problems.filter(({ from, to }) => caret === null || caret < from || caret > to)

/**
 * One line of typed terms with completion. A filter with a wrong word is never sent: the word is named, what to write
 * instead is offered, and the last good filter stays in force.
 */
export function FilterInput({ value, vocabulary, problems, onValue, onLeave }: FilterInputProps) {
  const [typed, setTyped] = useState(value)
  const [last, setLast] = useState(value)
  /** Null while the person is elsewhere. */
  const [caret, setCaret] = useState<number | null>(null)
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  // The address changed from outside: a link, the way back, or the filter was cleared.
  if (value !== last) {
    setLast(value)
    if (value !== typed.trim()) setTyped(value)
  }
  const found = parseFilter(typed).problems
  const shown = found.length > 0 ? settled(found, caret) : typed.trim() === value ? problems : []
  const good = found.length === 0

  useEffect(() => {
    const text = typed.trim()
    if (!good || text === value) return
    const timer = setTimeout(() => onValue(text === '' ? undefined : text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, good, value, onValue])

  const suggestions = open && caret !== null ? suggestAt(typed, caret, vocabulary) : null
  const options = suggestions?.options ?? []
  const change = (text: string, at: number) => {
    setTyped(text)
    setCaret(at)
    setActive(-1)
    setOpen(true)
  }
  /** Put `text` in place of a part of what is typed, with the caret behind it. */
  const replace = (from: number, to: number, text: string) => {
    // A term that waits for its value goes on; anything else is finished.
    const ending = text.endsWith(':') || typed.charAt(to) === ' ' ? '' : ' '
    const at = from + text.length + ending.length
    change(`${typed.slice(0, from)}${text}${ending}${typed.slice(to)}`, at)
    input.current?.focus()
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at))
  }
  const accept = (index: number) => {
    const option = options[index]
    if (suggestions !== null && option !== undefined) replace(suggestions.from, suggestions.to, option.apply)
  }
  const leave = () => {
    setOpen(false)
    if (!good) return setCaret(null)
    const text = typed.trim()
    if (text !== value) onValue(text === '' ? undefined : text)
    onLeave()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isOpen = options.length > 0
    const used = (): boolean => {
      switch (event.key) {
        case 'ArrowDown':
          if (isOpen) setActive((active + 1) % options.length)
          else setOpen(true)
          return true
        case 'ArrowUp':
          if (isOpen) setActive((active <= 0 ? options.length : active) - 1)
          return isOpen
        case 'Tab':
          if (!isOpen || active < 0 || event.shiftKey) return false
          accept(active)
          return true
        case 'Enter':
          if (isOpen && active >= 0) accept(active)
          else leave()
          return true
        case 'Escape':
          if (isOpen) setOpen(false)
          else onLeave()
          return true
        default:
          return false
      }
    }
    if (!used()) return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="relative min-w-0 flex-1">
      <div className="relative max-w-3xl">
        <Search size={14} className="pointer-events-none absolute top-[7px] left-2 text-text-3" aria-hidden />
        <TextInput
          ref={input}
          id="message-filter"
          role="combobox"
          aria-label="Filter messages"
          aria-autocomplete="list"
          aria-expanded={options.length > 0}
          aria-controls={listId}
          aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
          aria-invalid={shown.length > 0 ? true : undefined}
          aria-describedby={shown.length > 0 ? `${listId}-problems` : undefined}
          placeholder="Filter: from:NAME topic:orders/* state:dead since:10m, or any text"
          value={typed}
          maxLength={1000}
          className="pr-7 pl-7 font-mono text-xs"
          onChange={(event) => change(event.target.value, event.target.selectionStart ?? event.target.value.length)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onFocus={() => setOpen(true)}
          onBlur={() => {
            setOpen(false)
            setCaret(null)
          }}
          onKeyDown={onKeyDown}
        />
        {typed !== '' && (
          <IconButton
            label="Clear the filter"
            className="absolute top-0.5 right-0.5 size-6!"
            onPress={() => {
              setTyped('')
              onValue(undefined)
            }}
          >
            <X size={14} aria-hidden />
          </IconButton>
        )}
        <div
          id={listId}
          role="listbox"
          aria-label="Suggestions"
          hidden={options.length === 0}
          className="absolute top-8 left-0 z-30 min-w-80 rounded-md border border-line-strong bg-raised p-1 shadow-lift"
        >
          {options.map((option, index) => (
            <div
              key={option.apply}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              onMouseDown={(event) => {
                event.preventDefault()
                accept(index)
              }}
              className={clsx(
                'flex h-7 items-center gap-3 rounded-sm px-2',
                index === active ? 'bg-hover' : 'hover:bg-hover',
              )}
            >
              <bdi className="font-mono text-xs">{option.label}</bdi>
              <span className="ml-auto truncate text-xs text-text-3">{option.note}</span>
            </div>
          ))}
        </div>
      </div>
      {shown.length > 0 && (
        <ul id={`${listId}-problems`} aria-live="polite" className="mt-1 flex flex-col gap-0.5 text-xs">
          {shown.map((problem) => (
            <li key={`${problem.from} ${problem.message}`} className="flex flex-wrap items-center gap-x-2">
              <bdi className="font-mono text-bad underline decoration-wavy underline-offset-2">{problem.word}</bdi>
              <span>{problem.message}</span>
              {problem.fix !== undefined && (
                <Button
                  size="small"
                  variant="ghost"
                  onPress={() => replace(problem.from, problem.to, problem.fix ?? '')}
                >
                  Write <span className="font-mono">{problem.fix}</span>
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
