import type { Bounds } from './ui-state'

/** How much of a window must lie on a screen, in each direction, to be found and moved. */
const VISIBLE_PX = 80

const overlap = (aStart: number, aLength: number, bStart: number, bLength: number): number =>
  Math.min(aStart + aLength, bStart + bLength) - Math.max(aStart, bStart)

/**
 * The remembered place, when it can still be seen: a screen may have been unplugged since. Otherwise only the size is
 * kept and the system chooses the place.
 */
export const fitBounds = (
  bounds: Bounds,
  areas: readonly Bounds[],
  minimum: { readonly width: number; readonly height: number },
): Bounds | { width: number; height: number } => {
  const width = Math.max(bounds.width, minimum.width)
  const height = Math.max(bounds.height, minimum.height)
  const area = areas.find(
    (one) =>
      overlap(bounds.x, width, one.x, one.width) >= VISIBLE_PX &&
      overlap(bounds.y, height, one.y, one.height) >= VISIBLE_PX &&
      bounds.y >= one.y - 1,
  )
  if (area === undefined) return { width, height }
  return { x: bounds.x, y: bounds.y, width: Math.min(width, area.width), height: Math.min(height, area.height) }
}
