import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './Button'
import { useToasts } from './toasts'

export interface CopyButtonProps {
  readonly text: string
  /** What is copied: "Copy digest". */
  readonly label: string
  readonly className?: string
}

/** Copies a text that is no secret. */
export function CopyButton({ text, label, className }: CopyButtonProps) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 1500)
    return () => clearTimeout(timer)
  }, [done])
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setDone(true),
      () =>
        useToasts.getState().add({
          tone: 'bad',
          text: 'The text could not be copied.',
          nextStep: 'Select it and copy it by hand.',
          code: null,
        }),
    )
  }
  return (
    <IconButton label={done ? 'Copied' : label} onPress={copy} className={className ?? 'size-6'}>
      {done ? <Check size={14} className="text-ok" aria-hidden /> : <Copy size={14} aria-hidden />}
    </IconButton>
  )
}
