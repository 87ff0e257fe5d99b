import { X } from 'lucide-react'
import { useEffect } from 'react'
import { IconButton } from './Button'
import { StateShape } from './StateShape'
import { type ToastItem, useToasts } from './toasts'
import { Marked } from './UntrustedText'

/** Good news leaves by itself; a failure stays until it is read. */
const DONE_MS = 5000

function Toast({ toast }: { readonly toast: ToastItem }) {
  const remove = useToasts((state) => state.remove)
  useEffect(() => {
    if (toast.tone !== 'ok') return
    const timer = setTimeout(() => remove(toast.id), DONE_MS)
    return () => clearTimeout(timer)
  }, [toast, remove])
  return (
    <li className="fade-in flex w-88 items-start gap-2.5 rounded-md border border-line-strong bg-raised py-2 pr-1.5 pl-3 shadow-lift">
      <StateShape
        shape={toast.tone === 'ok' ? 'check' : 'cross'}
        className={toast.tone === 'ok' ? 'mt-[5px] shrink-0 text-ok' : 'mt-[5px] shrink-0 text-bad'}
      />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p className="font-medium">
          <bdi>
            <Marked text={toast.text} />
          </bdi>
        </p>
        {toast.nextStep !== null && <p className="text-text-2">{toast.nextStep}</p>}
        {toast.code !== null && <p className="font-mono text-xs text-text-3">{toast.code}</p>}
      </div>
      <IconButton label="Dismiss" className="size-6" onPress={() => remove(toast.id)}>
        <X size={14} aria-hidden />
      </IconButton>
    </li>
  )
}

/** Where outcomes are announced, politely. */
export function Toaster() {
  const items = useToasts((state) => state.items)
  return (
    <section aria-label="Messages" aria-live="polite" className="fixed right-4 bottom-4 z-50">
      <ol className="flex flex-col gap-2">
        {items.map((toast) => (
          <Toast key={toast.id} toast={toast} />
        ))}
      </ol>
    </section>
  )
}
