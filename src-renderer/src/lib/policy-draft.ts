import { create } from 'zustand'

interface PolicyDraft {
  /** Text of a rule that another page proposes; null when none does. */
  readonly proposed: string | null
  readonly propose: (ruleText: string) => void
  /** Take it: it is proposed once. */
  readonly take: () => string | null
}

/** How a rule comes from where it was advised into the editor. */
export const usePolicyDraft = create<PolicyDraft>((set, get) => ({
  proposed: null,
  propose: (proposed) => set({ proposed }),
  take: () => {
    const { proposed } = get()
    set({ proposed: null })
    return proposed
  },
}))

/**
 * Put a rule at the head of the list `policies:` of a policy text; where there is none, one is begun at the end.
 * Everything else of the text stays as it is.
 */
export const insertRule = (text: string, ruleText: string): string => {
  const rule = ruleText.endsWith('\n') ? ruleText : `${ruleText}\n`
  const head = /^policies:[ \t]*(\[[ \t]*\])?[ \t]*(#.*)?$/m.exec(text)
  if (head === null) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}policies:\n${rule}`
  const note = head[2] === undefined ? '' : ` ${head[2]}`
  const after = text.slice(head.index + head[0].length).replace(/^\n/, '')
  return `${text.slice(0, head.index)}policies:${note}\n${rule}${after === '' ? '' : `\n${after.replace(/^\n/, '')}`}`
}
