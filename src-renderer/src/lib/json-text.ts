import type { Json } from '@contract'

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** JSON for reading: two spaces. */
export const prettyJson = (value: Json): string => JSON.stringify(value, null, 2)

/** JSON for comparing: keys in order, so that a mere reordering shows no difference (the digest ignores it too). */
export const canonicalPrettyJson = (value: Json): string => JSON.stringify(sorted(value), null, 2)

export type ParsedJson =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly message: string }

/** Read what a person typed; blank means "none given". */
export const parseJsonText = (text: string): ParsedJson => {
  if (text.trim() === '') return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(text) as Json }
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : 'This is not valid JSON.' }
  }
}
