import { constants, getPriority, setPriority } from 'node:os'
import { threadsOf } from './proc-table'

/**
 * Let a process group run behind all others, or as before. A plain process has no other rein: it still gets whatever
 * nobody else wants. False when not one thread could be changed; raising a priority again takes rights
 * (CAP_SYS_NICE or RLIMIT_NICE) that an ordinary user often lacks.
 */
export const setGroupPriority = async (groupId: number, isLow: boolean): Promise<boolean> => {
  // The launcher starts them all below normal, so that the console stays in front of its agents.
  const wanted = isLow ? constants.priority.PRIORITY_LOW : constants.priority.PRIORITY_BELOW_NORMAL
  const threads = process.platform === 'linux' ? await threadsOf(groupId) : [groupId]
  return threads.map((id) => set(id, wanted)).some((did) => did)
}

const set = (id: number, priority: number): boolean => {
  try {
    setPriority(id, priority)
    return getPriority(id) === priority
  } catch {
    // ESRCH: it has ended. EACCES, EPERM: not allowed.
    return false
  }
}
