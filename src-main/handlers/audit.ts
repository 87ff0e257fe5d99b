import type { StreamItem } from '@contract'
import type { Source } from '../engine/core'
import type { Engine } from '../engine/engine'
import type { Handlers, Host, StreamHandlers } from './types'

type AuditChannels = Extract<keyof Handlers, `audit.${string}`>
type AuditStreams = Extract<keyof StreamHandlers, `audit.${string}`>

/** The audit trail. */
export const auditHandlers = (host: Host): Pick<Handlers, AuditChannels> => ({
  'audit.list': async (query) => host.engine().audit.list(query),
  'audit.verify': async () => host.engine().audit.verify(),
  'audit.status': async () => host.engine().audit.status(),
  'audit.proveInclusion': async ({ seq }) => host.engine().audit.proveInclusion(seq),
  'audit.proveConsistency': async ({ fromSize, toSize }) => host.engine().audit.proveConsistency(fromSize, toSize),
  'audit.export': async (_nothing, asking) => host.engine().auditActs.export(asking),
  'audit.archive': async ({ keepRows }, asking) => host.engine().auditActs.archive(asking, keepRows),
  'audit.rotateKey': async ({ reason }, asking) => ({ keyId: await host.engine().auditActs.rotateKey(asking, reason) }),
  'audit.startNewLog': async ({ reason }, asking) => ({
    log: await host.engine().auditActs.startNewLog(asking, reason),
  }),
})

/** A verification as a stream: its progress, then its result. Closing it calls the walk off. */
const verificationOf =
  (engine: Engine): Source<StreamItem<'audit.verification'>> =>
  (sink) => {
    const calledOff = new AbortController()
    engine.audit
      .verify({
        signal: calledOff.signal,
        onProgress: (checked, total) => sink.emit([{ kind: 'progress', checked, total }]),
      })
      .then((verification) => {
        if (calledOff.signal.aborted) return
        sink.emit([{ kind: 'result', verification }])
        sink.end()
      })
      .catch((error: unknown) => {
        if (!calledOff.signal.aborted) sink.end(error)
      })
    return () => calledOff.abort()
  }

export const auditStreamHandlers = (host: Host): Pick<StreamHandlers, AuditStreams> => ({
  'audit.tail': async ({ filter, afterSeq }) => host.engine().audit.tail(filter, afterSeq),
  'audit.verification': async () => verificationOf(host.engine()),
})
