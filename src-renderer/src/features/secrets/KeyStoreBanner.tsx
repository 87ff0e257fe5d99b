import { useRead } from '@/lib/queries'
import { Notice } from '@/ui'

const TITLES = {
  keyring: 'The master key is in the system keyring.',
  file: 'The master key is in a file, because no system keyring can be reached.',
  'none-yet': 'There is no master key yet. It is made with the first secret.',
} as const

/** Where the key to all secrets lives, and what that is worth. */
export function KeyStoreBanner() {
  const status = useRead('secrets.keyStore', {}).data
  if (status === undefined) return null
  const tone = status.backend === 'none-yet' ? 'plain' : status.protectedBySystem ? 'ok' : 'wait'
  return (
    <div className="shrink-0 border-b border-line" data-key-store={status.backend}>
      <Notice tone={tone} title={TITLES[status.backend]}>
        {status.note}
      </Notice>
    </div>
  )
}
