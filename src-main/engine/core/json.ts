import type { Json } from '@contract'

/**
 * JSON with object keys in code-unit order, so that equal values give equal text.
 * Not for signatures across programs: those use the published canonical forms.
 */
export const stableStringify = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stableStringify).join(',')}]`
  let text = '{'
  for (const key of Object.keys(value).sort()) {
    if (text.length > 1) text += ','
    text += `${JSON.stringify(key)}:${stableStringify(value[key] ?? null)}`
  }
  return `${text}}`
}
