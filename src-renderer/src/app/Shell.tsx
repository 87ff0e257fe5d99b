import { Outlet, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useShortcuts } from '@/lib/use-shortcuts'
import { useViewState } from '@/lib/view-state'
import { EngineGate } from './EngineGate'
import { NAV } from './nav'
import { Rail } from './Rail'
import { ShortcutSheet } from './ShortcutSheet'
import { TopBar } from './TopBar'
import { useTheme } from './use-theme'

const Palette = lazy(async () => ({ default: (await import('./Palette')).Palette }))
const Dock = lazy(async () => ({ default: (await import('./Dock')).Dock }))

/** The frame around every page: rail, top bar, content, dock. */
export function Shell() {
  const navigate = useNavigate()
  const docked = useViewState((state) => state.docked)
  const [paletteOpen, setPaletteOpen] = useState(false)
  const [sheetOpen, setSheetOpen] = useState(false)
  useTheme()
  useEffect(
    () =>
      window.console_?.subscribe((events) => {
        for (const { topic, payload } of events) {
          if (topic !== 'approvals.show' || !('id' in payload)) continue
          void (payload.id === null
            ? navigate({ to: '/approvals', search: {} })
            : navigate({ to: '/approvals/$approvalId', params: { approvalId: payload.id }, search: {} }))
        }
      }),
    [navigate],
  )
  useShortcuts([
    {
      keys: 'mod+k',
      label: 'Open the command palette',
      group: 'General',
      whileTyping: true,
      run: () => setPaletteOpen(true),
    },
    { keys: '?', label: 'Show the shortcuts', group: 'General', run: () => setSheetOpen(true) },
    { keys: 'alt+ArrowLeft', label: 'Back', group: 'General', run: () => history.back() },
    { keys: 'alt+ArrowRight', label: 'Forward', group: 'General', run: () => history.forward() },
    ...NAV.map((item) => ({
      keys: `g ${item.key}`,
      label: `Go to ${item.label}`,
      group: 'Go to',
      // The focus goes along: Enter must not press what had it on the page before.
      run: () => {
        document.getElementById('content')?.focus()
        void navigate({ to: item.to })
      },
    })),
  ])
  return (
    <div className="flex h-full">
      <button
        type="button"
        onClick={() => document.getElementById('content')?.focus()}
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-1"
      >
        Skip to content
      </button>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onPalette={() => setPaletteOpen(true)} onShortcuts={() => setSheetOpen(true)} />
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col bg-panel outline-none">
          <EngineGate>
            <Outlet />
          </EngineGate>
        </main>
        {docked !== null && (
          <Suspense fallback={null}>
            <Dock run={docked} />
          </Suspense>
        )}
      </div>
      {paletteOpen && (
        <Suspense fallback={null}>
          <Palette
            onClose={() => setPaletteOpen(false)}
            onShortcuts={() => {
              setPaletteOpen(false)
              setSheetOpen(true)
            }}
          />
        </Suspense>
      )}
      <ShortcutSheet isOpen={sheetOpen} onClose={() => setSheetOpen(false)} />
    </div>
  )
}
