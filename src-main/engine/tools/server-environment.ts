/** What a program needs to start at all; everything else of our environment stays with us. */
const KEPT = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const

const KEPT_ON_WINDOWS = [
  'PATH',
  'PATHEXT',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'COMSPEC',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMFILES',
] as const

/** The environment of a tool server: nothing that could carry a credential of ours. Names on Windows ignore case. */
export const serverEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Record<string, string> => {
  const kept: ReadonlySet<string> = new Set(platform === 'win32' ? KEPT_ON_WINDOWS : KEPT)
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    const known = kept.has(platform === 'win32' ? name.toUpperCase() : name)
    // A shell function in a variable is code.
    if (known && value !== undefined && !value.startsWith('()')) out[name] = value
  }
  return out
}
