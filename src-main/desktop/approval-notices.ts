import type { ApprovalId, ApprovalSummary, Consequence } from '@contract'

/** What a notice is about. */
export interface Notice {
  readonly title: string
  readonly body: string
}

export interface ApprovalNoticePorts {
  /** What waits, in the order of the queue. */
  readonly pending: () => Promise<readonly ApprovalSummary[]>
  readonly setBadge: (count: number) => void
  /** Show a notice of the system; `onClick` opens, it decides nothing. Returns how to take the notice back. */
  readonly show: (notice: Notice, onClick: () => void) => () => void
  /** True while a person has the console in front of them: then its own pages say it. */
  readonly isLookedAt: () => boolean
  /** Bring the console to the front: on one request, or on the queue. */
  readonly open: (approvalId: ApprovalId | null) => void
  readonly onError: (error: unknown) => void
}

export interface ApprovalNotices {
  /** Something came, was decided or ended. */
  changed(): void
  stop(): void
}

const CONSEQUENCES = {
  metadata: 'Looks at names and states',
  change: 'Changes something',
  disclose: 'Lets something out',
  destroy: 'Destroys something',
} as const satisfies Record<Consequence, string>

const LONGEST = 80

/** Text of others, safe to stand in a notice: short, on one line, without characters that hide or reorder. */
export const plain = (text: string): string => {
  const visible = text.replace(/\p{C}/gu, '\u{fffd}')
  return visible.length <= LONGEST ? visible : `${visible.slice(0, LONGEST)}…`
}

const noticeOf = ({ who, action, resource, consequence }: ApprovalSummary): Notice => ({
  title: `${plain(who.name)} asks for your approval`,
  body: `${CONSEQUENCES[consequence]}: ${action} on ${plain(resource)}`,
})

/**
 * Tells the person what waits while they look elsewhere: a count on the program's icon, and one notice for what is new.
 * A notice goes when nothing of what it names waits any more.
 */
export const createApprovalNotices = (ports: ApprovalNoticePorts): ApprovalNotices => {
  const known = new Set<string>()
  const shown = new Map<string, { readonly ids: readonly string[]; readonly close: () => void }>()
  let again = false
  let busy = false
  let stopped = false

  const announce = (fresh: readonly ApprovalSummary[]): void => {
    const [first] = fresh
    if (first === undefined || ports.isLookedAt()) return
    const one = fresh.length === 1
    const notice = one
      ? noticeOf(first)
      : { title: `${fresh.length} acts wait for your approval`, body: 'They are denied when nobody decides in time.' }
    const close = ports.show(notice, () => ports.open(one ? first.id : null))
    shown.set(first.id, { ids: fresh.map(({ id }) => id), close })
  }

  const look = async (): Promise<void> => {
    const waiting = await ports.pending()
    if (stopped) return
    ports.setBadge(waiting.length)
    const ids = new Set<string>(waiting.map(({ id }) => id))
    for (const id of known) if (!ids.has(id)) known.delete(id)
    for (const [key, notice] of shown) {
      if (notice.ids.some((id) => ids.has(id))) continue
      notice.close()
      shown.delete(key)
    }
    const fresh = waiting.filter(({ id }) => !known.has(id))
    for (const { id } of fresh) known.add(id)
    announce(fresh)
  }

  const changed = (): void => {
    again = true
    if (busy || stopped) return
    busy = true
    const run = async (): Promise<void> => {
      while (again && !stopped) {
        again = false
        await look()
      }
    }
    run()
      .catch(ports.onError)
      .finally(() => {
        busy = false
      })
  }

  return {
    changed,
    stop() {
      stopped = true
      for (const { close } of shown.values()) close()
      shown.clear()
    },
  }
}
