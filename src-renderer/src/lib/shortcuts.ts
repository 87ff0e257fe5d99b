/** Keyboard shortcuts: one engine for single keys ("j"), sequences ("g a") and chords ("mod+k"). */
export interface Shortcut {
  /** Space between the keys of a sequence; `mod` is Ctrl, or Cmd on a Mac. */
  readonly keys: string
  /** What it does, for the sheet. */
  readonly label: string
  readonly group: string
  readonly run: () => void
  /** Chords may work while typing; single letters never do. */
  readonly whileTyping?: boolean
}

/** What of a key press counts. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** The name of a press: "mod+k", "?", "j", "Enter". Shift counts only for keys that have a name, not for characters. */
export const pressName = (press: KeyPress): string => {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
  const shifted = press.shiftKey && press.key.length > 1 ? 'shift+' : ''
  const modified = press.ctrlKey || press.metaKey ? 'mod+' : ''
  return `${modified}${press.altKey ? 'alt+' : ''}${shifted}${key}`
}

/** True where letters mean text: fields, editors, and anything that is a text box to assistive technology. */
export const isTypingTarget = (target: EventTarget | null): boolean => {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type)
  return target.closest('textarea, select, [role="textbox"], [role="combobox"], [contenteditable="true"]') !== null
}

export interface ShortcutEngine {
  /** Add shortcuts; the newest wins over an older one with the same keys. Returns how to remove them. */
  readonly add: (shortcuts: readonly Shortcut[]) => () => void
  /** True when the press was used. */
  readonly press: (press: KeyPress, context: { readonly typing: boolean; readonly blocked: boolean }) => boolean
  readonly all: () => readonly Shortcut[]
  readonly subscribe: (listener: () => void) => () => void
}

/** The second key of a sequence must follow within this time. */
const SEQUENCE_MS = 1200

/** @param now milliseconds of a clock that only grows. */
export const createShortcuts = ({ now }: { readonly now: () => number }): ShortcutEngine => {
  let groups: (readonly Shortcut[])[] = []
  let flat: readonly Shortcut[] = []
  let prefix: { keys: string; atMs: number } | null = null
  const listeners = new Set<() => void>()

  const changed = () => {
    const seen = new Map<string, Shortcut>()
    for (const group of groups) for (const shortcut of group) seen.set(shortcut.keys, shortcut)
    flat = [...seen.values()]
    for (const listener of listeners) listener()
  }

  return {
    add: (shortcuts) => {
      groups = [...groups, shortcuts]
      changed()
      return () => {
        groups = groups.filter((group) => group !== shortcuts)
        changed()
      }
    },
    press: (press, { typing, blocked }) => {
      const name = pressName(press)
      const started = prefix !== null && now() - prefix.atMs <= SEQUENCE_MS ? `${prefix.keys} ${name}` : null
      prefix = null
      const candidates = flat.filter((shortcut) => (!typing && !blocked) || shortcut.whileTyping === true)
      const hit =
        (started === null ? undefined : candidates.find((shortcut) => shortcut.keys === started)) ??
        candidates.find((shortcut) => shortcut.keys === name)
      if (hit !== undefined) {
        hit.run()
        return true
      }
      if (candidates.some((shortcut) => shortcut.keys.startsWith(`${name} `))) {
        prefix = { keys: name, atMs: now() }
        return true
      }
      return false
    },
    all: () => flat,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
