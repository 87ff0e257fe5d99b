import { RE2JS } from 're2js'

/** Matches a whole path. */
export type GlobMatcher = (path: string) => boolean

const translate = (glob: string): string => {
  let source = ''
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob.charAt(index)
    if (character === '*') {
      if (glob.charAt(index + 1) === '*') {
        index += 1
        source += '.*'
      } else source += '[^/]*'
    } else if (character === '?') source += '[^/]'
    else source += RE2JS.quote(character)
  }
  return source
}

/**
 * Compile a glob to a linear-time matcher (RE2: no backtracking, so no pattern can hang the gate).
 * `*` is any run of characters but `/`, `**` any run at all, `?` one character but `/`; all else is literal.
 * A glob that ends in `/**` matches the folder itself too. Both sides are compared in Unicode normal form C, so that two
 * spellings of one name cannot differ.
 */
export const compileGlob = (given: string): GlobMatcher => {
  const glob = given.normalize('NFC')
  const source = glob.endsWith('/**') ? `${translate(glob.slice(0, -3))}(?:/.*)?` : translate(glob)
  const pattern = RE2JS.compile(source, RE2JS.DOTALL)
  return (path) => pattern.matches(path.normalize('NFC'))
}
