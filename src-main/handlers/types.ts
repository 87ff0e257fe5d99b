import type {
  CallOutput,
  CallRequest,
  Channel,
  CorrelationId,
  DoctorReport,
  StreamItem,
  StreamName,
  StreamRequest,
  SystemInfo,
  Theme,
} from '@contract'
import type { Caller, Events, Source } from '../engine/core'
import type { Engine } from '../engine/engine'

/** Who asks and under which id everything that follows is recorded. */
export interface CallContext {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

export type Handler<C extends Channel> = (input: CallRequest<C>, context: CallContext) => Promise<CallOutput<C>>

/** One handler for each procedure of the contract: a missing one does not compile. */
export type Handlers = { readonly [C in Channel]: Handler<C> }

export type StreamHandler<S extends StreamName> = (
  input: StreamRequest<S>,
  context: CallContext,
) => Promise<Source<StreamItem<S>>>

export type StreamHandlers = { readonly [S in StreamName]: StreamHandler<S> }

/**
 * What the handlers stand on. It is there before the engine is, so that the window can say
 * that the engine starts, or why it could not.
 */
export interface Host {
  /** The running engine. @throws IPC_003 while it starts, IPC_004 when it could not. */
  engine(): Engine
  /** Events of the engine and of the host itself; alive before the engine is. */
  readonly events: Events
  info(): SystemInfo
  doctor(): Promise<DoctorReport>
  readonly settings: { get(): { theme: Theme }; set(theme: Theme): Promise<void> }
}
