const NAMES: Record<string, string> = {
  alt: 'Alt',
  shift: 'Shift',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** Keys as they are on the keyboard: "mod+k" → Ctrl K. */
export function Kbd({ keys }: { readonly keys: string }) {
  const names = keys.split(/[ +]/).map((key) => {
    if (key === 'mod') return navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'
    return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)
  })
  return (
    <span className="inline-flex gap-1">
      {names.map((name) => (
        <kbd
          key={name}
          className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-sm border border-line-strong px-1 font-sans text-xs text-text-2"
        >
          {name}
        </kbd>
      ))}
    </span>
  )
}
