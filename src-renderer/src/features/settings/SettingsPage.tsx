import type { Theme } from '@contract'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useCommand, useRead } from '@/lib/queries'
import { CopyButton, Fact, Facts, Loaded, PageHeader, SkeletonBlock, StatusBadge, toastError } from '@/ui'

const THEMES = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
} as const satisfies Record<Theme, string>

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title} className="border-b border-line px-4 py-4">
      <h2 className="mb-2 text-md font-semibold">{title}</h2>
      {children}
    </section>
  )
}

function ThemeChoice() {
  const saved = useRead('settings.get', {}).data?.theme ?? 'system'
  const set = useCommand('settings.set')
  const queryClient = useQueryClient()
  const [chosen, setChosen] = useState<Theme | null>(null)
  const theme = chosen ?? saved
  const choose = async (next: Theme) => {
    setChosen(next)
    document.documentElement.dataset['theme'] = next
    const outcome = await set.run({ theme: next })
    if (outcome.ok) queryClient.setQueryData(['settings.get', {}], outcome.value)
    else {
      document.documentElement.dataset['theme'] = saved
      toastError(outcome.error)
    }
    setChosen(null)
  }
  return (
    <fieldset className="flex gap-4">
      <legend className="sr-only">Theme</legend>
      {(Object.keys(THEMES) as Theme[]).map((option) => (
        <label key={option} className="flex items-center gap-2">
          <input
            type="radio"
            name="theme"
            className="accent-accent-solid"
            checked={theme === option}
            onChange={() => void choose(option)}
          />
          {THEMES[option]}
        </label>
      ))}
    </fieldset>
  )
}

function KeyStore() {
  const read = useRead('secrets.keyStore', {})
  return (
    <Loaded read={read} skeleton={<div className="skeleton h-3 w-64" />}>
      {(status) => (
        <Facts>
          <Fact name="Master key">
            <StatusBadge
              look={
                status.protectedBySystem
                  ? { word: 'System keyring', shape: 'check', colour: 'text-ok' }
                  : status.backend === 'file'
                    ? { word: 'File, not protected by the system', shape: 'triangle', colour: 'text-wait' }
                    : { word: 'None yet', shape: 'dotted', colour: 'text-text-2' }
              }
            />
          </Fact>
          <Fact name="Note">{status.note}</Fact>
        </Facts>
      )}
    </Loaded>
  )
}

function Versions() {
  const read = useRead('system.info', {})
  return (
    <Loaded read={read} skeleton={<SkeletonBlock />}>
      {(info) => (
        <Facts>
          <Fact name="Symbi Console">
            <span className="num">{info.version}</span>
          </Fact>
          <Fact name="Electron">
            <span className="num">{info.electron ?? 'not in use'}</span>
          </Fact>
          <Fact name="Chromium">
            <span className="num">{info.chrome ?? 'not in use'}</span>
          </Fact>
          <Fact name="Node.js">
            <span className="num">{info.node}</span>
          </Fact>
          <Fact name="System">{info.platform}</Fact>
          <Fact name="Engine">{info.engine.state}</Fact>
          <Fact name="Data folder">
            <span className="flex items-center gap-1">
              <span className="font-mono text-xs [overflow-wrap:anywhere]">{info.dataDir}</span>
              <CopyButton text={info.dataDir} label="Copy the path" />
            </span>
          </Fact>
        </Facts>
      )}
    </Loaded>
  )
}

/** Few choices; the rest is in the configuration file. */
export function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Section title="Theme">
          <ThemeChoice />
        </Section>
        <Section title="Key store">
          <KeyStore />
        </Section>
        <Section title="About">
          <Versions />
        </Section>
      </div>
    </>
  )
}
