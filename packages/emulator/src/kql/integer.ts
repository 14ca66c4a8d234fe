/** A `long`: a number while it is exact, a bigint beyond 2^53. */
export type Integer = number | bigint

/** A bigint as a {@link Integer}, wrapped to 64 bits as Kusto's arithmetic does. */
export function integer(value: bigint): Integer {
  const wrapped = BigInt.asIntN(64, value)
  const number = Number(wrapped)
  return Number.isSafeInteger(number) ? number : wrapped
}

export function add(left: Integer, right: Integer): Integer {
  const sum = Number(left) + Number(right)
  return Number.isSafeInteger(sum) && isExact(left, right) ? sum : integer(BigInt(left) + BigInt(right))
}

export function subtract(left: Integer, right: Integer): Integer {
  const difference = Number(left) - Number(right)
  return Number.isSafeInteger(difference) && isExact(left, right)
    ? difference
    : integer(BigInt(left) - BigInt(right))
}

export function multiply(left: Integer, right: Integer): Integer {
  const product = Number(left) * Number(right)
  // -0 is no integer of Kusto's.
  if (Number.isSafeInteger(product) && isExact(left, right)) return product + 0
  return integer(BigInt(left) * BigInt(right))
}

/** Truncated; null by zero, as in Kusto. */
export function divide(left: Integer, right: Integer): Integer | null {
  if (Number(right) === 0) return null
  return integer(BigInt(left) / BigInt(right))
}

/** "The modulo of two numbers always returns a small non-negative number" (kusto/query/numerical-operators). */
export function modulo(left: Integer, right: Integer): Integer | null {
  if (Number(right) === 0) return null
  const divisor = BigInt(right) < 0n ? -BigInt(right) : BigInt(right)
  return integer(((BigInt(left) % divisor) + divisor) % divisor)
}

/** The multiple of `step` at or below `value`; null for a step that is not above zero. */
export function floorTo(value: bigint, step: bigint): bigint | null {
  if (step <= 0n) return null
  const rest = value % step
  return value - (rest < 0n ? rest + step : rest)
}

function isExact(left: Integer, right: Integer): boolean {
  return typeof left === 'number' && typeof right === 'number'
}
