import { useEffect } from 'react'
import { useRead } from '@/lib/queries'

/** Keep the document's theme equal to the setting; the first paint had it from the address. */
export const useTheme = (): void => {
  const theme = useRead('settings.get', {}).data?.theme
  useEffect(() => {
    if (theme !== undefined) document.documentElement.dataset['theme'] = theme
  }, [theme])
}
