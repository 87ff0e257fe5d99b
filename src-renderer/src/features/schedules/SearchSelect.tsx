import clsx from 'clsx'
import { ChevronDown } from 'lucide-react'
import { Button } from 'react-aria-components/Button'
import { ComboBox } from 'react-aria-components/ComboBox'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'

export interface Choice {
  readonly id: string
  readonly text: string
  readonly note?: string
}

export interface SearchSelectProps {
  readonly label: string
  /** What matches what was typed; the caller narrows it down. */
  readonly choices: readonly Choice[]
  readonly typed: string
  readonly onTyped: (text: string) => void
  readonly selected: string | null
  readonly onSelect: (id: string) => void
  readonly placeholder?: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
}

/** One of many, found by typing. */
export function SearchSelect(props: SearchSelectProps) {
  const { label, choices, typed, onTyped, selected, onSelect, placeholder, hint, error } = props
  return (
    <ComboBox
      items={choices}
      inputValue={typed}
      onInputChange={onTyped}
      selectedKey={selected}
      onSelectionChange={(key) => {
        if (key !== null) onSelect(String(key))
      }}
      menuTrigger="focus"
      allowsEmptyCollection
      className="flex min-w-0 flex-col gap-1"
    >
      <Label className="text-sm font-medium text-text">{label}</Label>
      <div className="relative">
        <Input
          {...(placeholder === undefined ? {} : { placeholder })}
          aria-invalid={error === undefined ? undefined : true}
          spellCheck={false}
          className="h-7 w-full min-w-0 rounded-md border border-field-line bg-panel pr-7 pl-2 text-sm text-text aria-invalid:border-bad"
        />
        <Button className="absolute inset-y-0 right-0 flex w-7 items-center justify-center text-text-3 hover:text-text">
          <ChevronDown size={14} aria-hidden />
        </Button>
      </div>
      {(error ?? hint) !== undefined && (
        <p className={clsx('text-xs', error === undefined ? 'text-text-3' : 'text-bad')}>{error ?? hint}</p>
      )}
      <Popover className="fade-in w-(--trigger-width) rounded-md border border-line-strong bg-raised p-1 shadow-lift">
        <ListBox<Choice>
          className="max-h-64 overflow-y-auto outline-none"
          renderEmptyState={() => <p className="px-2 py-1 text-text-3">Nothing matches.</p>}
        >
          {(choice) => (
            <ListBoxItem
              id={choice.id}
              textValue={choice.text}
              className={({ isFocused }) =>
                clsx(
                  'flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none',
                  isFocused && 'bg-hover',
                )
              }
            >
              <span className="min-w-0 flex-1 truncate">{choice.text}</span>
              {choice.note !== undefined && <span className="shrink-0 text-xs text-text-3">{choice.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
