/** The longest that a run may be told to wait, as the contract has it: a day. */
const MOST_MS = 86_400_000

export type StartWithin =
  | { readonly ok: true; readonly ms: number | null }
  | { readonly ok: false; readonly message: string }

/** Seconds as they are typed, as whole milliseconds; nothing typed is no limit. */
export const startWithinOf = (typed: string): StartWithin => {
  const text = typed.trim()
  if (text === '') return { ok: true, ms: null }
  const ms = Math.round(Number(text) * 1000)
  return ms >= 1 && ms <= MOST_MS ? { ok: true, ms } : { ok: false, message: 'Give seconds, at most 86400 (a day).' }
}
