import clsx from 'clsx'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { IconButton } from './Button'

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  readonly footer?: ReactNode
  readonly width?: 'small' | 'normal' | 'wide'
  /** An alert asks before something that cannot be undone. */
  readonly role?: 'dialog' | 'alertdialog'
}

const WIDTHS = { small: 'w-[26rem]', normal: 'w-[34rem]', wide: 'w-[52rem]' }

/** A modal dialog: Escape and a click outside close it, focus stays in and comes back. */
export function Dialog({ title, isOpen, onClose, children, footer, width = 'normal', role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      isDismissable={role === 'dialog'}
      className="fixed inset-0 z-40 flex items-start justify-center bg-shade px-6 pt-[12vh]"
    >
      <Modal className={clsx('fade-in max-w-full', WIDTHS[width])}>
        <AriaDialog
          role={role}
          className="flex max-h-[76vh] flex-col rounded-md border border-line-strong bg-raised shadow-lift outline-none"
        >
          <div className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
            <Heading slot="title" className="text-md font-semibold">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose}>
              <X size={16} aria-hidden />
            </IconButton>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
          {footer !== undefined && (
            <div className="flex shrink-0 items-center justify-end gap-2 border-t border-line px-4 py-3">{footer}</div>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
