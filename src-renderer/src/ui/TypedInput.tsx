import { useEffect, useState } from 'react'
import { TextInput } from './Field'

const PAUSE_MS = 200

export interface TypedInputProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly id?: string
  readonly list?: string
  readonly className: string
  /** Undefined when nothing is left. */
  readonly onValue: (value: string | undefined) => void
}

/** A text field that tells its value once the person pauses. */
export function TypedInput({ label, placeholder, value, id, list, className, onValue }: TypedInputProps) {
  const [typed, setTyped] = useState(value)
  const [last, setLast] = useState(value)
  // The address changed from outside: a link, the way back, or the filter was cleared.
  if (value !== last) {
    setLast(value)
    if (value !== typed.trim()) setTyped(value)
  }
  useEffect(() => {
    const text = typed.trim()
    if (text === value) return
    const timer = setTimeout(() => onValue(text === '' ? undefined : text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, value, onValue])
  return (
    <TextInput
      id={id}
      list={list}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.target.value)}
      className={className}
    />
  )
}
