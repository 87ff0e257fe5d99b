/** Limits that the control group of this process sets, or one above it; null where none does. */
export interface CgroupLimits {
  readonly memoryBytes: number | null
  readonly cpuMillis: number | null
}

type ReadText = (path: string) => string | undefined

/** Where no limit is set, version 1 gives the largest number of pages: nothing near that is a limit. */
const UNLIMITED_BYTES = 2 ** 60

/**
 * The limits of this process on Linux, from cgroups(7), both versions, through all groups up to the root. Elsewhere, and
 * where the files are not shown, there are none.
 */
export const readCgroupLimits = (read: ReadText): CgroupLimits => {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(','), path }]
  })
  const pathOf = (controller: string): string | undefined =>
    groups.find(({ controllers }) => controllers.includes(controller))?.path
  const unified = pathOf('')
  return {
    memoryBytes: least([
      ...(unified === undefined
        ? []
        : upwards('/sys/fs/cgroup', unified).map((dir) => bytes(read(`${dir}/memory.max`)))),
      ...upwards('/sys/fs/cgroup/memory', pathOf('memory')).map((dir) => bytes(read(`${dir}/memory.limit_in_bytes`))),
    ]),
    cpuMillis: least([
      ...(unified === undefined ? [] : upwards('/sys/fs/cgroup', unified).map((dir) => quota(read(`${dir}/cpu.max`)))),
      ...upwards('/sys/fs/cgroup/cpu', pathOf('cpu')).map((dir) =>
        quota(`${read(`${dir}/cpu.cfs_quota_us`)?.trim()} ${read(`${dir}/cpu.cfs_period_us`)?.trim()}`),
      ),
    ]),
  }
}

/** The folder of a group and of all above it. */
const upwards = (root: string, path: string | undefined): string[] => {
  if (path === undefined) return []
  const parts = path.split('/').filter((part) => part !== '')
  return [root, ...parts.map((_, index) => `${root}/${parts.slice(0, index + 1).join('/')}`)]
}

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}

const bytes = (text: string | undefined): number | null => {
  const value = Number(text?.trim())
  return Number.isFinite(value) && value > 0 && value < UNLIMITED_BYTES ? value : null
}

/** `QUOTA PERIOD` in microseconds, as thousandths of a core; `max` and −1 stand for none. */
const quota = (text: string | undefined): number | null => {
  const [quotaUs, periodUs] = (text ?? '').trim().split(/\s+/).map(Number)
  if (quotaUs === undefined || periodUs === undefined || !(quotaUs > 0) || !(periodUs > 0)) return null
  return Math.max(1, Math.floor((quotaUs / periodUs) * 1000))
}
