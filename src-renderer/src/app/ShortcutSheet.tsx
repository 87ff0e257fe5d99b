import { useAllShortcuts } from '@/lib/use-shortcuts'
import { Dialog, Kbd } from '@/ui'

/** Every shortcut that works on the present page. */
export function ShortcutSheet({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const shortcuts = useAllShortcuts()
  const groups = [...new Set(shortcuts.map((shortcut) => shortcut.group))]
  return (
    <Dialog title="Shortcuts" isOpen={isOpen} onClose={onClose} width="wide">
      <div className="columns-2 gap-8">
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="section-title mb-1">{group}</h3>
            <dl>
              {shortcuts
                .filter((shortcut) => shortcut.group === group)
                .map((shortcut) => (
                  <div key={shortcut.keys} className="flex h-7 items-center justify-between border-b border-line">
                    <dt>{shortcut.label}</dt>
                    <dd>
                      <Kbd keys={shortcut.keys} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="text-text-3">Single letters do nothing while you type. In a list, Enter opens and never decides.</p>
    </Dialog>
  )
}
