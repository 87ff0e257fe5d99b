import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/**
 * A secret in memory. However it is printed, serialised or inspected it says `[redacted]`;
 * the text comes out only through {@link SecretValue.expose}, which is easy to find in a review.
 */
export interface SecretValue {
  expose(): string
  /** Length in bytes. */
  readonly sizeBytes: number
  toString(): string
  toJSON(): string
}

export const createSecretValue = (text: string): SecretValue => {
  const value: SecretValue = {
    expose: () => text,
    sizeBytes: Buffer.byteLength(text),
    toString: () => REDACTED,
    toJSON: () => REDACTED,
  }
  Object.defineProperty(value, inspect.custom, { value: () => REDACTED, enumerable: false })
  return Object.freeze(value)
}
