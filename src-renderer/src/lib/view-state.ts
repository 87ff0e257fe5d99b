import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** The run whose log stays in the dock while other pages are looked at. */
export interface DockedRun {
  readonly executionId: string
  readonly agentId: string
  readonly agentName: string
}

interface ViewState {
  /** null until the person chooses: then the window's width decides. */
  readonly railCollapsed: boolean | null
  readonly docked: DockedRun | null
  readonly setRailCollapsed: (collapsed: boolean) => void
  readonly dock: (run: DockedRun | null) => void
}

/** How the page is arranged. Only arrangement: no data of the engine and never a secret. */
export const useViewState = create<ViewState>()(
  persist(
    (set) => ({
      railCollapsed: null,
      docked: null,
      setRailCollapsed: (railCollapsed) => set({ railCollapsed }),
      dock: (docked) => set({ docked }),
    }),
    { name: 'console-view', partialize: (state) => ({ railCollapsed: state.railCollapsed }) },
  ),
)
