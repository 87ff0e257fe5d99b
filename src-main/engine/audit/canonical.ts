import { hash } from 'node:crypto'

/** `length:text` in bytes of UTF-8, so that no content can imitate a field border; `~` marks an absent value. */
export const field = (value: string | number | null): string => {
  if (value === null) return '~'
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`
  const digits = String(value)
  return `${digits.length}:${digits}`
}

/** A domain tag and fields in fixed order: equal texts only for equal tags and fields. */
export const canonical = (tag: string, fields: readonly (string | number | null)[]): string => {
  let text = tag
  for (const value of fields) text += field(value)
  return text
}

/** SHA-256 of the UTF-8 of a text, lower-case hex. */
export const sha256Hex = (text: string): string => hash('sha256', text)
