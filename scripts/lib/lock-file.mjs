/**
 * A lock file must name the packages of every platform, or a clone on another one cannot be installed. npm leaves out
 * those that the registry in use does not serve; these functions find them and put them back.
 */

/** How the names of platform packages say what they are for, as their own package.json would. */
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']

/**
 * Platform packages that some package may want and that the lock file does not name.
 * @param {{ packages: Record<string, { optionalDependencies?: Record<string, string>, dev?: boolean }> }} lock
 * @returns {{ name: string, version: string, dev: boolean }[]}
 */
export function missingPlatformPackages(lock) {
  const missing = new Map()
  for (const [path, { optionalDependencies = {}, dev = false }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const known = `${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages
      if (!known && /^\d/.test(version)) missing.set(name, { name, version, dev })
    }
  }
  return [...missing.values()]
}

/**
 * What a platform package's name says of it, like `@scope/cli-linux-x64-musl`.
 * @returns {{ os?: string[], cpu?: string[], libc?: string[] } | null} null: the name says nothing
 */
export function platformOf(name) {
  const words = name.split('/').at(-1).split('-')
  const os = SYSTEMS.find((system) => words.includes(system))
  const cpu = PROCESSORS.find((processor) => words.includes(processor))
  if (!cpu) return null
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : null
  return { ...(os ? { os: [os] } : {}), cpu: [cpu], ...(libc ? { libc: [libc] } : {}) }
}

/**
 * The lock file with the missing platform packages named. They carry no checksum, since nobody here has seen them; npm
 * takes it from the registry of the machine that needs one.
 */
export function completeLock(lock) {
  const added = missingPlatformPackages(lock).flatMap(({ name, version, dev }) => {
    const platform = platformOf(name)
    return platform ? [[`node_modules/${name}`, { version, ...platform, ...(dev ? { dev } : {}), optional: true }]] : []
  })
  const root = lock.packages['']
  const rest = Object.entries(lock.packages).filter(([path]) => path !== '')
  const sorted = [...rest, ...added].sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }
}
