import type { Priority } from '@contract'
import { PRIORITY_ORDER } from '@/ui/states'

/** One step more (1) or less (-1) urgent; the ends stay. */
export const movedBy = (priority: Priority, by: 1 | -1): Priority => {
  const place = PRIORITY_ORDER.indexOf(priority) - by
  return PRIORITY_ORDER[Math.min(PRIORITY_ORDER.length - 1, Math.max(0, place))] ?? priority
}
