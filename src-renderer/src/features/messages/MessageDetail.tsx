import type { MessageDetail as Detail, MessageHeader } from '@contract'
import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useNow } from '@/lib/clock'
import { formatBytes, formatClockMs, formatDateTime, formatDuration, plural, shortId } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useNarrow } from '@/lib/use-narrow'
import {
  Age,
  Button,
  CopyButton,
  ErrorState,
  Fact,
  Facts,
  IconButton,
  SkeletonBlock,
  StateShape,
  StatusBadge,
  UntrustedText,
} from '@/ui'
import type { MessageTerms } from './filter'
import { PartyName } from './message-columns'
import { PayloadBox } from './PayloadBox'
import { GUARANTEE_WORDS, MESSAGE_LOOKS, STATE_WORDS, TYPE_WORDS } from './words'

export interface MessageDetailProps {
  readonly id: string
  /** What the list knows of it, shown until the rest is here. */
  readonly listed: MessageHeader | undefined
  readonly onClose: () => void
  readonly onFollow: (correlationId: string) => void
  readonly onNarrow: (terms: MessageTerms) => void
  readonly onSelect: (id: string) => void
}

/** A value that narrows the list to itself: the filter's words need not be known. */
function Narrow({ title, onPress, children }: { title: string; onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      title={title}
      onClick={onPress}
      className="rounded-sm text-left underline decoration-line-strong underline-offset-2 hover:decoration-current"
    >
      {children}
    </button>
  )
}

function Life({ header }: { readonly header: MessageHeader }) {
  const now = useNow()
  const endsAtMs = header.sentAtMs + header.ttlMs
  const open = header.state === 'queued' || header.state === 'delivered'
  return (
    <span className="num">
      {formatDuration(header.ttlMs)}
      {open && (
        <span className="text-text-3">{endsAtMs > now ? `, ${formatDuration(endsAtMs - now)} left` : ', over'}</span>
      )}
    </span>
  )
}

function After({ atMs, sinceMs, none }: { atMs: number | null; sinceMs: number; none: string }) {
  if (atMs === null) return <span className="text-text-3">{none}</span>
  return (
    <span className="num">
      {formatClockMs(atMs)} <span className="text-text-3">after {formatDuration(Math.max(0, atMs - sinceMs))}</span>
    </span>
  )
}

function HeaderFacts({
  header,
  onFollow,
  onNarrow,
  onSelect,
}: Omit<MessageDetailProps, 'id' | 'listed' | 'onClose'> & { readonly header: MessageHeader }) {
  const { sender, recipient, topic, sentAtMs } = header
  return (
    <Facts>
      <Fact name="From">
        <Narrow title="Only from this sender" onPress={() => onNarrow({ from: sender.name })}>
          <PartyName party={sender} />
        </Narrow>
      </Fact>
      <Fact name="To">
        <Narrow title="Only to this receiver" onPress={() => onNarrow({ to: recipient.name })}>
          <PartyName party={recipient} />
        </Narrow>
      </Fact>
      {topic !== null && (
        <Fact name="Topic">
          <Narrow title="Only this topic" onPress={() => onNarrow({ topic })}>
            <UntrustedText text={topic} />
          </Narrow>
        </Fact>
      )}
      <Fact name="Type">
        <Narrow title="Only this type" onPress={() => onNarrow({ type: [header.type] })}>
          {TYPE_WORDS[header.type].word}
        </Narrow>
        <span className="text-text-3">, {TYPE_WORDS[header.type].gloss}</span>
      </Fact>
      <Fact name="State">{STATE_WORDS[header.state]}</Fact>
      <Fact name="Sent">
        <span className="num">
          {formatDateTime(sentAtMs)}
          {formatClockMs(sentAtMs).slice(-4)}
        </span>
        <span className="text-text-3">
          , <Age atMs={sentAtMs} />
        </span>
      </Fact>
      <Fact name="Delivered">
        <After atMs={header.deliveredAtMs} sinceMs={sentAtMs} none="not yet" />
        {header.attempts > 1 && <span className="num text-text-3">, {plural(header.attempts, 'attempt')}</span>}
      </Fact>
      <Fact name="Acknowledged">
        <After
          atMs={header.acknowledgedAtMs}
          sinceMs={sentAtMs}
          none={header.guarantee === 'at-most-once' ? 'not asked for' : 'not yet'}
        />
      </Fact>
      <Fact name="Time to live">
        <Life header={header} />
      </Fact>
      <Fact name="Guarantee">
        {GUARANTEE_WORDS[header.guarantee].word}
        <span className="text-text-3">, {GUARANTEE_WORDS[header.guarantee].gloss}</span>
      </Fact>
      <Fact name="Sequence">
        <span className="num">{header.sequence}</span>
        <span className="text-text-3"> of this sender</span>
      </Fact>
      {header.replyTo !== null && (
        <Fact name="Answers">
          <Narrow title="Show the request" onPress={() => onSelect(header.replyTo ?? header.id)}>
            <span className="font-mono text-xs">{shortId(header.replyTo)}</span>
          </Narrow>
        </Fact>
      )}
      <Fact name="Conversation">
        <span className="flex flex-wrap items-center gap-1">
          <Narrow title="Read it in order" onPress={() => onFollow(header.correlationId)}>
            <span className="font-mono text-xs">{shortId(header.correlationId)}</span>
          </Narrow>
          <CopyButton text={header.correlationId} label="Copy the correlation id" className="-my-1 size-6" />
          <Link
            to="/audit"
            search={{ correlationId: header.correlationId, view: 'story' }}
            className="text-text-2 underline underline-offset-2"
          >
            in the audit trail
          </Link>
        </span>
      </Fact>
      <Fact name="Id">
        <span className="flex items-center gap-1">
          <span className="font-mono text-xs [overflow-wrap:anywhere]">{header.id}</span>
          <CopyButton text={header.id} label="Copy the id" className="-my-1 size-6" />
        </span>
      </Fact>
    </Facts>
  )
}

function Verification({ message }: { readonly message: Detail }) {
  const { verification, cipher } = message
  const valid = verification.signature === 'valid'
  return (
    <section aria-label="Verification" data-signature={verification.signature}>
      <h3 className="section-title mb-1.5">Verification</h3>
      <p className={clsx('mb-1.5 flex items-center gap-1.5 font-medium', valid ? 'text-ok' : 'text-bad')}>
        <StateShape shape={valid ? 'check' : 'cross'} className="shrink-0" />
        {valid ? 'The signature fits' : 'The signature does not fit'}
      </p>
      <p className="mb-1.5 text-text-2">{verification.detail}</p>
      <Facts>
        <Fact name="Signed">
          {verification.form === 'single' ? 'By itself' : 'With a burst of messages; its own path proves it alone'}
        </Fact>
        <Fact name="Key">
          <span className="font-mono text-xs">{verification.senderKey}</span>
          <span className="num text-text-3">, version {verification.keyVersion}</span>
        </Fact>
        <Fact name="Sealed with">
          {cipher.name}, key agreed by {cipher.agreement}
        </Fact>
        <Fact name="Nonce">
          <span className="font-mono text-xs">{cipher.nonce}</span>
        </Fact>
        <Fact name="Size">
          <span className="num">
            {formatBytes(message.payloadBytes)}, {formatBytes(message.sealedBytes)} as sealed
          </span>
        </Fact>
      </Facts>
    </section>
  )
}

function History({ message }: { readonly message: Detail }) {
  return (
    <section aria-label="Delivery history">
      <h3 className="section-title mb-1.5">Delivery</h3>
      <ol className="flex flex-col gap-1">
        {message.history.map((step) => (
          <li key={`${step.atMs} ${step.what}`} className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-2">
            <time className="num text-text-3" title={formatDateTime(step.atMs)}>
              {formatClockMs(step.atMs)}
            </time>
            <span>
              <UntrustedText text={step.what} className="font-sans! text-sm!" />
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** One message: its outside in words, whether it verifies, what became of it, and its sealed inside. */
export function MessageDetail({ id, listed, onClose, onFollow, onNarrow, onSelect }: MessageDetailProps) {
  const read = useRead('messages.get', { id })
  const narrow = useNarrow()
  const message = read.data
  // What the list follows is newer than what was read.
  const header = listed ?? message
  return (
    <aside
      id="message-detail"
      aria-label="Message"
      data-message={id}
      tabIndex={-1}
      className={clsx(
        'flex flex-col gap-4 overflow-y-auto border-line px-4 py-3 outline-none',
        narrow ? 'h-[52%] shrink-0 border-t' : 'w-[27rem] shrink-0 border-l wide:w-[32rem]',
      )}
    >
      <div className="flex items-center gap-3">
        <h2 className="text-md font-semibold">Message</h2>
        {header !== undefined && (
          <span data-state={header.state}>
            <StatusBadge look={MESSAGE_LOOKS[header.state]} />
          </span>
        )}
        <div className="ml-auto flex items-center gap-1">
          {header !== undefined && (
            <Button size="small" keyHint="F" onPress={() => onFollow(header.correlationId)}>
              Follow conversation
            </Button>
          )}
          <IconButton label="Close" keyHint="Esc" onPress={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      </div>
      {header !== undefined && (
        <div className={clsx('grid items-start gap-4', narrow && 'grid-cols-2 gap-x-8')}>
          <HeaderFacts header={header} onFollow={onFollow} onNarrow={onNarrow} onSelect={onSelect} />
          <div className="flex min-w-0 flex-col gap-4">
            <PayloadBox key={id} header={header} />
            {message !== undefined && (
              <>
                <Verification message={message} />
                <History message={message} />
              </>
            )}
          </div>
        </div>
      )}
      {message === undefined &&
        (read.error !== null && read.error.code !== 'IPC_003' ? (
          <ErrorState error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <SkeletonBlock />
        ))}
    </aside>
  )
}
