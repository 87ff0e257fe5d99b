/**
 * A source of items that a stream carries: pull is by subscription, the end comes exactly once.
 * `emit` may be called many times; after `end` nothing more comes.
 */
export interface SourceSink<T> {
  emit(items: readonly T[]): void
  end(error?: unknown): void
}

/** Start delivering; returns how to stop, which is silent (no end). */
export type Source<T> = (sink: SourceSink<T>) => () => void
