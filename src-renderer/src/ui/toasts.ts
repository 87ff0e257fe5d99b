import { create } from 'zustand'
import type { AppError } from '@/lib/app-error'

export interface ToastItem {
  readonly id: number
  readonly tone: 'ok' | 'bad'
  readonly text: string
  readonly nextStep: string | null
  readonly code: string | null
}

interface ToastStore {
  readonly items: readonly ToastItem[]
  readonly add: (toast: Omit<ToastItem, 'id'>) => void
  readonly remove: (id: number) => void
}

let nextId = 1

/** What the page says in passing; never a value, only names and outcomes. */
export const useToasts = create<ToastStore>((set) => ({
  items: [],
  add: (toast) => {
    const id = nextId
    nextId += 1
    set((state) => ({ items: [...state.items.slice(-3), { ...toast, id }] }))
  },
  remove: (id) => set((state) => ({ items: state.items.filter((item) => item.id !== id) })),
}))

/** Say that something worked. */
export const toastDone = (text: string): void =>
  useToasts.getState().add({ tone: 'ok', text, nextStep: null, code: null })

/** Say that something failed, with what to do. */
export const toastError = (error: AppError): void =>
  useToasts.getState().add({ tone: 'bad', text: error.message, nextStep: error.nextStep, code: error.code })
