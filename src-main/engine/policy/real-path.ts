/** How a path is followed. Throws with code ENOENT where there is nothing. */
export type RealPath = (path: string) => string

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

/**
 * Where a path leads once links are followed, for `PolicyRequest.realPath`: ask this right before the file is used, and
 * use what it answers. Of a file that is yet to be made its folder is followed.
 *
 * @param path absolute and plain, as it comes out of the gate's own check
 * @throws what `realPath` throws but for ENOENT, and ENOENT when there is not even a root; a refusal to whoever decides
 */
export const realPathOf = (path: string, realPath: RealPath): string => {
  const parts = path.split('/')
  for (let kept = parts.length; kept > 0; kept -= 1) {
    const head = parts.slice(0, kept).join('/') || '/'
    try {
      const real = realPath(head)
      const rest = parts.slice(kept)
      return rest.length === 0 ? real : `${real === '/' ? '' : real}/${rest.join('/')}`
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || kept === 1) throw error
    }
  }
  return realPath('/')
}
