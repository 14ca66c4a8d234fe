// JSON.parse hands its reviver the source text, and JSON.stringify writes a raw number back unchanged (V8 >= 11.4).
// TypeScript's es2023 library does not know either yet.
interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}
const json = JSON as unknown as JsonWithSource

/** Only text with such a run of digits can hold an integer above 2^53; the slow path is for it alone. */
const MAY_HOLD_BIG_INTEGER = /\d{16}/

/**
 * `JSON.parse` that keeps integers above 2^53 exact: a `long` column has 64 bits, a JavaScript number has 53. Such an
 * integer comes out as a raw JSON number: {@link bigIntegerText} reads it, `JSON.stringify` writes it as it was.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  return MAY_HOLD_BIG_INTEGER.test(text) ? json.parse(text, keepBigInteger) : JSON.parse(text)
}

export function bigIntegerText(value: unknown): string | undefined {
  return typeof value === 'object' && json.isRawJSON(value) ? value.rawJSON : undefined
}

/** A number that `JSON.stringify` writes exactly like this. */
export function rawNumber(text: string): object {
  return json.rawJSON(text)
}

function keepBigInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context.source === undefined) return value
  return /^-?\d+$/.test(context.source) ? json.rawJSON(context.source) : value
}
