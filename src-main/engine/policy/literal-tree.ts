/** A set of texts with numbers, asked: which of them does this text begin with, end with, or hold anywhere? */
export interface LiteralTree {
  insert(text: string, id: number): void
  readonly empty: boolean
  /** Visit the numbers of all texts found, in no certain order, one perhaps more than once. */
  visit(text: string, each: (id: number) => void): void
}

interface Node {
  /** Read in the tree's direction, starting with the character by which the parent knows this node. */
  label: string
  readonly ids: number[]
  readonly children: Map<number, Node>
}

const commonLength = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
  return length
}

const reversed = (text: string): string => {
  let out = ''
  for (let at = text.length - 1; at >= 0; at -= 1) out += text[at] ?? ''
  return out
}

/**
 * A radix tree: looking up takes the time of the text, however many texts are in it. Looking anywhere starts anew at each
 * character and soon ends there, since few texts begin like that.
 */
export const createLiteralTree = (where: 'start' | 'end' | 'within'): LiteralTree => {
  const root: Node = { label: '', ids: [], children: new Map() }
  const backwards = where === 'end'
  let empty = true

  /** Along the text from a position, in the tree's direction. */
  const walk = (text: string, from: number, each: (id: number) => void): void => {
    const length = text.length
    let node: Node | undefined = root
    let done = from
    for (;;) {
      for (const id of node.ids) each(id)
      if (done >= length || node.children.size === 0) return
      node = node.children.get(text.charCodeAt(backwards ? length - 1 - done : done))
      if (node === undefined) return
      const { label } = node
      if (label.length > length - done) return
      for (let at = 0; at < label.length; at += 1, done += 1)
        if (text.charCodeAt(backwards ? length - 1 - done : done) !== label.charCodeAt(at)) return
    }
  }

  return {
    insert(text, id) {
      empty = false
      let node = root
      let rest = backwards ? reversed(text) : text
      while (rest !== '') {
        const code = rest.charCodeAt(0)
        const child = node.children.get(code)
        if (child === undefined) {
          const made: Node = { label: rest, ids: [], children: new Map() }
          node.children.set(code, made)
          node = made
          break
        }
        const shared = commonLength(child.label, rest)
        if (shared < child.label.length) {
          const upper: Node = { label: child.label.slice(0, shared), ids: [], children: new Map() }
          child.label = child.label.slice(shared)
          upper.children.set(child.label.charCodeAt(0), child)
          node.children.set(code, upper)
          node = upper
        } else node = child
        rest = rest.slice(shared)
      }
      node.ids.push(id)
    },
    get empty() {
      return empty
    },
    visit(text, each) {
      if (where !== 'within') walk(text, 0, each)
      else for (let from = 0; from < text.length; from += 1) walk(text, from, each)
    },
  }
}
