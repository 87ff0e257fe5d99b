import fc from 'fast-check'

/** Any string there can be, half surrogate pairs and control characters included; often plain ASCII. */
export const anyText = (size: { minLength?: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string(size),
    fc.array(fc.integer({ min: 0, max: 0xffff }), size).map((units) => String.fromCharCode(...units)),
  )
