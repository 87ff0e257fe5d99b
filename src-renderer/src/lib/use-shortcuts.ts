import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { createShortcuts, isTypingTarget, type Shortcut } from './shortcuts'

const engine = createShortcuts({ now: () => performance.now() })

/** A dialog or menu owns the keys while it is open. */
const isBlocked = () => document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null

/** Listen to the window's keys; returns how to stop. */
export const listenForKeys = (): (() => void) => {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const used = engine.press(event, { typing: isTypingTarget(event.target), blocked: isBlocked() })
    if (used) event.preventDefault()
  }
  window.addEventListener('keydown', onKeyDown)
  return () => window.removeEventListener('keydown', onKeyDown)
}

/** Shortcuts that live as long as the component. The newest `run` is always the one that is called. */
export const useShortcuts = (shortcuts: readonly Shortcut[]): void => {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  const shape = shortcuts.map((shortcut) => shortcut.keys).join(',')
  const stable = useMemo(
    () =>
      shape === ''
        ? []
        : latest.current.map((shortcut) => ({
            ...shortcut,
            run: () => latest.current.find((candidate) => candidate.keys === shortcut.keys)?.run(),
          })),
    [shape],
  )
  useEffect(() => engine.add(stable), [stable])
}

/** Every shortcut that works now, for the sheet. */
export const useAllShortcuts = (): readonly Shortcut[] => useSyncExternalStore(engine.subscribe, engine.all)
