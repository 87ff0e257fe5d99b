/** The line (from 1) where a key of a TOML document is set, or where the nearest key around it is. */
export type LineOf = (path: readonly string[]) => number | null

const id = (path: readonly string[]): string => JSON.stringify(path)

/**
 * Find the lines of keys in a document that a TOML parser has accepted (TOML 1.0): headers, dotted and quoted keys,
 * comments, all four kinds of text, arrays over several lines. A key inside an inline table has the line of that table.
 * The parser gives values without positions, and a person needs the line.
 */
export const locateKeys = (text: string): LineOf => {
  const lines = new Map<string, number>()
  let at = 0
  let line = 1

  const step = (count = 1): void => {
    for (let n = 0; n < count && at < text.length; n += 1) {
      if (text.charAt(at) === '\n') line += 1
      at += 1
    }
  }
  const skipWhile = (characters: string): void => {
    while (at < text.length && characters.includes(text.charAt(at))) step()
  }
  const skipComment = (): void => {
    while (at < text.length && text.charAt(at) !== '\n') step()
  }

  /** Step over a text in any of its four kinds; returns what stands between the quotes. */
  const quoted = (): string => {
    const quote = text.charAt(at)
    const fence = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote
    step(fence.length)
    const start = at
    while (at < text.length && !text.startsWith(fence, at)) step(quote === '"' && text.charAt(at) === '\\' ? 2 : 1)
    // Up to two quotes may stand directly before a closing fence of three.
    while (fence.length === 3 && text.charAt(at + 3) === quote) step()
    const inner = text.slice(start, at)
    step(fence.length)
    return inner
  }

  const unescaped = (inner: string): string => {
    try {
      return String(
        JSON.parse(
          `"${inner.replace(/\\U([0-9A-Fa-f]{8})/g, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))}"`,
        ),
      )
    } catch {
      return inner
    }
  }

  const keyParts = (end: string): string[] => {
    const parts: string[] = []
    while (at < text.length && text.charAt(at) !== end) {
      const character = text.charAt(at)
      if (character === '"') parts.push(unescaped(quoted()))
      else if (character === "'") parts.push(quoted())
      else if (/[A-Za-z0-9_-]/.test(character)) {
        const start = at
        while (/[A-Za-z0-9_-]/.test(text.charAt(at))) step()
        parts.push(text.slice(start, at))
      } else step()
    }
    return parts
  }

  const skipValue = (): void => {
    let depth = 0
    while (at < text.length) {
      const character = text.charAt(at)
      if (character === '"' || character === "'") quoted()
      else if (character === '#') skipComment()
      else if (character === '\n' && depth === 0) return
      else {
        if (character === '[' || character === '{') depth += 1
        if (character === ']' || character === '}') depth -= 1
        step()
      }
    }
  }

  const remember = (path: readonly string[], start: number): void => {
    for (let length = 1; length <= path.length; length += 1) {
      const key = id(path.slice(0, length))
      if (!lines.has(key)) lines.set(key, start)
    }
  }

  let section: string[] = []
  for (;;) {
    skipWhile(' \t\r\n\uFEFF')
    if (at >= text.length) break
    const start = line
    if (text.charAt(at) === '#') skipComment()
    else if (text.charAt(at) === '[') {
      skipWhile('[')
      section = keyParts(']')
      remember(section, start)
      skipWhile(']')
    } else {
      const path = [...section, ...keyParts('=')]
      remember(path, start)
      step()
      skipValue()
    }
  }

  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = lines.get(id(path.slice(0, length)))
      if (found !== undefined) return found
    }
    return null
  }
}
