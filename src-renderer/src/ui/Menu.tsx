import clsx from 'clsx'
import { Ellipsis } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { IconButton } from './Button'

export interface MenuAction {
  readonly id: string
  readonly label: string
  readonly icon?: ReactNode
  readonly danger?: boolean
  readonly onSelect: () => void
}

export interface MenuProps {
  readonly label: string
  readonly actions: readonly MenuAction[]
  readonly className?: string
}

function Items({ label, actions }: Pick<MenuProps, 'label' | 'actions'>) {
  return (
    <AriaMenu
      aria-label={label}
      className="outline-none"
      onAction={(key) => actions.find((action) => action.id === key)?.onSelect()}
    >
      {actions.map((action) => (
        <MenuItem
          key={action.id}
          id={action.id}
          textValue={action.label}
          className={({ isFocused }) =>
            clsx(
              'flex h-7 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none',
              isFocused && 'bg-hover',
              action.danger === true ? 'text-bad' : 'text-text',
            )
          }
        >
          {action.icon}
          {action.label}
        </MenuItem>
      ))}
    </AriaMenu>
  )
}

const POPOVER = 'fade-in min-w-40 rounded-md border border-line-strong bg-raised p-1 shadow-lift'

/** Further acts behind three dots. */
export function Menu({ label, actions, className }: MenuProps) {
  return (
    <MenuTrigger>
      <IconButton label={label} {...(className === undefined ? {} : { className })}>
        <Ellipsis size={16} aria-hidden />
      </IconButton>
      <Popover placement="bottom end" className={POPOVER}>
        <Items label={label} actions={actions} />
      </Popover>
    </MenuTrigger>
  )
}

export interface MenuAtProps extends Pick<MenuProps, 'label' | 'actions'> {
  /** What was pressed; the menu opens beside it. */
  readonly anchor: Element
  readonly onClose: () => void
}

/** One menu for all rows of a long list, opened beside the one that was pressed: a row itself stays light. */
export function MenuAt({ label, actions, anchor, onClose }: MenuAtProps) {
  const trigger = useRef(anchor)
  return (
    <Popover
      isOpen
      triggerRef={trigger}
      placement="bottom end"
      className={POPOVER}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Items
        label={label}
        actions={actions.map((action) => ({
          ...action,
          onSelect: () => {
            onClose()
            action.onSelect()
          },
        }))}
      />
    </Popover>
  )
}
