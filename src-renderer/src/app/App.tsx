import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { startLive } from '@/lib/live'
import { createQueryClient } from '@/lib/queries'
import { listenForKeys } from '@/lib/use-shortcuts'
import { Toaster } from '@/ui'
import type { createConsoleRouter } from './router'

const later = (work: () => void, delayMs: number) => {
  const timer = setTimeout(work, delayMs)
  return () => clearTimeout(timer)
}

/** The whole page: cache, events, keys, routes. */
export function App({ router }: { readonly router: ReturnType<typeof createConsoleRouter> }) {
  const [queryClient] = useState(createQueryClient)
  useEffect(
    () =>
      startLive({
        subscribe: (listener) => window.console_?.subscribe(listener) ?? (() => undefined),
        queryClient,
        later,
      }),
    [queryClient],
  )
  useEffect(listenForKeys, [])
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toaster />
    </QueryClientProvider>
  )
}
