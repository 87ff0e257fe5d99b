import type { ReactElement } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components/Tooltip'

/** Names an icon on hover and focus. */
export function Tooltip({ text, children }: { readonly text: string; readonly children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <AriaTooltip
        offset={6}
        className="fade-in z-50 max-w-72 rounded-sm border border-line-strong bg-raised px-2 py-1 text-xs text-text shadow-lift"
      >
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
