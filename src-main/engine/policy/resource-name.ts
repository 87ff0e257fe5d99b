/** How names of files and other things are written, and which are refused before any rule is asked. */

export type Platform = 'posix' | 'win32' | 'darwin'

/** Only such a name needs a closer look. */
const SUSPECT = /[%\\\0~:]|[^\x20-\x7e]|(?:^|[/\\])\.{1,2}(?:[/\\]|$)|\/\/|.\/$|[. ](?:\/|$)/

const hasDotSegment = (name: string): boolean =>
  name.split(/[\\/]/).some((segment) => segment === '.' || segment === '..')

/** What is left once `%2e` and the like are read, as often as somebody might read them. */
const decoded = (name: string): string => {
  let text = name
  for (let round = 0; round < 4 && /%[0-9a-f]{2}/i.test(text); round += 1)
    text = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return text
}

const hidesSeparator = (name: string): boolean => {
  const plain = decoded(name)
  const count = (text: string): number => text.replace(/[^/\\]/g, '').length
  if (plain !== name && (plain.includes('\0') || hasDotSegment(plain) || count(plain) !== count(name))) return true
  // Look-alikes such as a full-width slash or two-dot leader turn into the real ones in some file systems.
  const folded = name.normalize('NFKC')
  return folded !== name && (hasDotSegment(folded) || count(folded) !== count(name))
}

/** Windows reads these as another file than the one that is written. */
const WINDOWS_ALIAS: readonly RegExp[] = [/^[\\/]{2}[?.][\\/]/, /[. ](?:[\\/]|$)/, /^.[^:]*:.*:|^[^:]{2,}:/, /~\d/]

const REFUSALS = {
  nul: 'it holds a NUL',
  dots: 'it holds "." or ".." as a part',
  hidden: 'it hides a separator, a dot or a NUL behind another spelling',
  backslash: 'it holds a backslash, which is a separator in some places and a letter in others',
  windows: 'Windows reads it as the name of another file',
  half: 'it is not well-formed Unicode',
} as const

export type NameCheck = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly why: string }

const refuse = (why: keyof typeof REFUSALS): NameCheck => ({ ok: false, why: REFUSALS[why] })

/**
 * Write a name the one way it is matched: normal form C; for a file also single slashes, none at the end, forward slashes
 * on Windows, and lower case where the file system does not tell cases apart.
 *
 * A name that says less than it means is refused, not repaired: what comes to the gate names a thing as it is, so dots and
 * hidden separators are a mistake or an attack.
 */
export const plainName = (given: string, isFile: boolean, platform: Platform): NameCheck => {
  const folds = isFile && platform !== 'posix'
  if (!SUSPECT.test(given)) return { ok: true, name: folds ? given.toLowerCase() : given }
  if (given.includes('\0')) return refuse('nul')
  if (hasDotSegment(given)) return refuse('dots')
  if (/\p{Surrogate}/u.test(given)) return refuse('half')
  if (hidesSeparator(given)) return refuse('hidden')
  const name = given.normalize('NFC')
  if (!isFile) return { ok: true, name }
  if (platform === 'win32') {
    if (WINDOWS_ALIAS.some((alias) => alias.test(name))) return refuse('windows')
  } else if (name.includes('\\')) return refuse('backslash')
  const slashes = name.replace(/[\\/]+/g, '/')
  const tidy = slashes.length > 1 && slashes.endsWith('/') ? slashes.slice(0, -1) : slashes
  return { ok: true, name: folds ? tidy.toLowerCase() : tidy }
}

/** A pattern for files in the way names are written. */
export const fileGlob = (glob: string, platform: Platform): string => {
  const slashes = (platform === 'win32' ? glob.replace(/\\/g, '/') : glob).normalize('NFC').replace(/\/{2,}/g, '/')
  const tidy = slashes.length > 1 && slashes.endsWith('/') ? slashes.slice(0, -1) : slashes
  return platform === 'posix' ? tidy : tidy.toLowerCase()
}
