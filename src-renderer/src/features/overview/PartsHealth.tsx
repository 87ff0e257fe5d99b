import type { Overview } from '@contract'
import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import { Age, HEALTH_LOOKS, StatusBadge, UntrustedText } from '@/ui'
import { pageOfPart, titleOfPart, worstFirst } from './parts'

/** Each part of the engine: how it is, why it is not better, and where to look. */
export function PartsHealth({ parts }: { readonly parts: Overview['health'] }) {
  if (parts.length === 0) return null
  return (
    <section aria-label="Health of the parts" className="border-b border-line">
      <h2 className="section-title px-4 pt-4 pb-2">Health</h2>
      <ul>
        {worstFirst(parts).map((part) => {
          const page = pageOfPart(part.part)
          return (
            <li
              key={part.part}
              data-part={part.part}
              data-status={part.status}
              className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-t border-line px-4 py-1.5"
            >
              {page === null ? (
                <span className="truncate font-medium">{titleOfPart(part.part)}</span>
              ) : (
                <Link {...page} className="truncate font-medium underline-offset-2 hover:underline">
                  {titleOfPart(part.part)}
                </Link>
              )}
              <StatusBadge look={HEALTH_LOOKS[part.status]} />
              {part.causes.map((cause) => (
                <span
                  key={`${cause.code} ${cause.text}`}
                  className={clsx('col-span-2 text-xs', part.status === 'healthy' ? 'text-text-3' : 'text-text-2')}
                >
                  <UntrustedText text={cause.text} className="font-sans!" />
                  {cause.sinceMs !== null && (
                    <span className="text-text-3">
                      {' '}
                      since <Age atMs={cause.sinceMs} />
                    </span>
                  )}
                </span>
              ))}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
