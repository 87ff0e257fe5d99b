import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Bot, Keyboard, Moon, PlugZap, Plus, ScanSearch } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useAgentsByName } from '@/lib/agents-by-name'
import { useCommand, useRead } from '@/lib/queries'
import { AGENT_LOOKS, StatusBadge, TOOL_LOOKS, toastError, UntrustedText } from '@/ui'
import { NAV } from './nav'

interface ItemProps {
  readonly value: string
  readonly icon: ReactNode
  readonly children: ReactNode
  readonly end?: ReactNode
  readonly onSelect: () => void
}

function Item({ value, icon, children, end, onSelect }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-8 items-center gap-2.5 rounded-sm px-2.5 data-[selected=true]:bg-active"
    >
      <span className="text-text-3">{icon}</span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {end}
    </Command.Item>
  )
}

const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-text-3'

/** Everything by name: pages, agents, tools, acts. */
export function Palette({ onClose, onShortcuts }: { readonly onClose: () => void; readonly onShortcuts: () => void }) {
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const agents = useAgentsByName(typed, 20)
  const tools = useRead('tools.list', {}).data ?? []
  const setTheme = useCommand('settings.set')
  const go = (act: () => unknown) => () => {
    onClose()
    act()
  }
  const choose = (theme: 'light' | 'dark' | 'system') =>
    go(() =>
      setTheme.run({ theme }).then((outcome) => {
        if (!outcome.ok) toastError(outcome.error)
      }),
    )
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      className="fixed inset-0 z-40 flex items-start justify-center bg-shade px-6 pt-[14vh]"
    >
      <Modal className="fade-in w-[36rem] max-w-full">
        <Dialog
          aria-label="Command palette"
          className="rounded-md border border-line-strong bg-raised shadow-lift outline-none"
        >
          <Command label="Command palette" loop>
            <Command.Input
              autoFocus
              value={typed}
              onValueChange={setTyped}
              placeholder="Type a page, an agent, a tool or an act"
              className="h-11 w-full border-b border-line bg-transparent px-4 text-md outline-none"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-2.5 py-6 text-center text-text-3">Nothing has this name.</Command.Empty>
              <Command.Group heading="Act" className={GROUP}>
                <Item
                  value="new agent create"
                  icon={<Plus size={16} />}
                  onSelect={go(() => navigate({ to: '/agents/new' }))}
                >
                  New agent
                </Item>
                <Item
                  value="connect a tool server mcp"
                  icon={<PlugZap size={16} />}
                  onSelect={go(() => navigate({ to: '/reviews', search: { connect: true } }))}
                >
                  Connect a server
                </Item>
                <Item value="theme light" icon={<Moon size={16} />} onSelect={choose('light')}>
                  Use the light theme
                </Item>
                <Item value="theme dark" icon={<Moon size={16} />} onSelect={choose('dark')}>
                  Use the dark theme
                </Item>
                <Item value="theme system" icon={<Moon size={16} />} onSelect={choose('system')}>
                  Use the system theme
                </Item>
                <Item value="keyboard shortcuts" icon={<Keyboard size={16} />} onSelect={onShortcuts}>
                  Show the shortcuts
                </Item>
              </Command.Group>
              <Command.Group heading="Go to" className={GROUP}>
                {NAV.map((item) => (
                  <Item
                    key={item.to}
                    value={`go to ${item.label}`}
                    icon={<item.icon size={16} />}
                    onSelect={go(() => navigate({ to: item.to }))}
                  >
                    {item.label}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Agents" className={GROUP}>
                {agents.map((agent) => (
                  <Item
                    key={agent.id}
                    value={`agent ${agent.name} ${agent.id}`}
                    icon={<Bot size={16} />}
                    end={<StatusBadge look={AGENT_LOOKS[agent.state]} className="text-xs" />}
                    onSelect={go(() => navigate({ to: '/agents/$agentId', params: { agentId: agent.id } }))}
                  >
                    {agent.name}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Tools" className={GROUP}>
                {tools.map((tool) => (
                  <Item
                    key={tool.id}
                    value={`tool ${tool.qualifiedName} ${tool.id}`}
                    icon={<ScanSearch size={16} />}
                    end={<StatusBadge look={TOOL_LOOKS[tool.status]} className="text-xs" />}
                    onSelect={go(() => navigate({ to: '/reviews/$toolId', params: { toolId: tool.id } }))}
                  >
                    <UntrustedText text={tool.qualifiedName} />
                  </Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
