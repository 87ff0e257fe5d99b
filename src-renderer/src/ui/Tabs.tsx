import clsx from 'clsx'
import type { ReactNode } from 'react'
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs'

export interface TabItem<K extends string> {
  readonly id: K
  readonly label: string
  readonly count?: number | undefined
}

export interface TabsProps<K extends string> {
  readonly label: string
  readonly items: readonly TabItem<K>[]
  readonly selected: K
  readonly onSelect: (id: K) => void
  /** The content of the selected tab. */
  readonly children: ReactNode
}

/** Tabs above a panel. Only the selected panel exists. */
export function Tabs<K extends string>({ label, items, selected, onSelect, children }: TabsProps<K>) {
  return (
    <AriaTabs
      selectedKey={selected}
      onSelectionChange={(key) => onSelect(String(key) as K)}
      className="flex min-h-0 flex-1 flex-col"
    >
      <TabList aria-label={label} className="flex h-9 shrink-0 gap-4 border-b border-line px-4">
        {items.map((item) => (
          <Tab
            key={item.id}
            id={item.id}
            className={({ isSelected }) =>
              clsx(
                '-mb-px flex cursor-default items-center gap-1.5 border-b-2 text-sm outline-offset-[-2px] select-none',
                isSelected ? 'border-accent font-medium text-text' : 'border-transparent text-text-2 hover:text-text',
              )
            }
          >
            {item.label}
            {item.count !== undefined && <span className="num text-xs font-normal text-text-3">{item.count}</span>}
          </Tab>
        ))}
      </TabList>
      <TabPanel key={selected} id={selected} className="flex min-h-0 flex-1 flex-col outline-offset-[-2px]">
        {children}
      </TabPanel>
    </AriaTabs>
  )
}
