import { Link, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { AppError } from '@/lib/app-error'
import { useRead } from '@/lib/queries'
import { ErrorState, Fact, Facts, StateShape } from '@/ui'

/** Pages that can say something even when the engine could not start. */
const ALWAYS = ['/doctor', '/settings']

/** Shows a page when there is an engine behind it, and the cause when it could not start. */
export function EngineGate({ children }: { readonly children: ReactNode }) {
  const { pathname } = useLocation()
  const info = useRead('system.info', {})
  if (info.error !== null && info.data === undefined && info.error.code !== 'IPC_003') {
    return <ErrorState error={info.error} onRetry={() => void info.refetch()} />
  }
  if (info.data?.engine.state !== 'failed' || ALWAYS.includes(pathname)) return <>{children}</>
  const error = new AppError(info.data.engine.error)
  const details = Object.entries(error.details)
  return (
    <div role="alert" className="mx-auto flex w-full max-w-2xl flex-col gap-5 overflow-y-auto px-6 py-16">
      <div>
        <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-[-0.01em]">
          <StateShape shape="cross" className="text-bad" />
          The engine could not start
        </h1>
        <p className="mt-2 text-md">{error.message}</p>
        <p className="mt-1 text-text-2">{error.nextStep}</p>
      </div>
      <Facts className="border-y border-line py-4">
        <Fact name="Code">
          <span className="font-mono text-xs">{error.code}</span>
        </Fact>
        {details.map(([name, value]) => (
          <Fact key={name} name={name}>
            <span className="font-mono text-xs">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
          </Fact>
        ))}
        <Fact name="Data folder">
          <span className="font-mono text-xs">{info.data.dataDir}</span>
        </Fact>
        <Fact name="Your data">Nothing was changed. No agent runs while the engine is down.</Fact>
      </Facts>
      <p>
        <Link to="/doctor" className="font-medium text-accent underline underline-offset-2">
          Open Doctor
        </Link>{' '}
        to see what is missing, mend it, then start the console again.
      </p>
    </div>
  )
}
