import { integer } from '../integer.ts'
import type { Integer } from '../integer.ts'
import type { Family } from './signature.ts'

/** learn.microsoft.com/kusto/query/scalar-functions, «Mathematical functions» and «Bitwise functions». */
export const mathFunctions: Family = {
  ...reals({
    exp: Math.exp,
    exp2: (value) => 2 ** value,
    exp10: (value) => 10 ** value,
    log: Math.log,
    log2: Math.log2,
    log10: Math.log10,
    sqrt: Math.sqrt,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sign: Math.sign,
    radians: (value) => (value * Math.PI) / 180,
    degrees: (value) => (value * 180) / Math.PI,
  }),
  'atan2(y: number, x: number): real': (y: Integer, x: Integer) => Math.atan2(Number(y), Number(x)),
  'pow(base: number, exponent: number): real': (base: Integer, exponent: Integer) =>
    Number(base) ** Number(exponent),
  'pi(): real': () => Math.PI,
  'isnan(value: real): bool': (value: number) => Number.isNaN(value),
  'isinf(value: real): bool': (value: number) => Math.abs(value) === Infinity,
  'isfinite(value: real): bool': (value: number) => Number.isFinite(value),
  'binary_and(left: long, right: long): long': bitwise((left, right) => left & right),
  'binary_or(left: long, right: long): long': bitwise((left, right) => left | right),
  'binary_xor(left: long, right: long): long': bitwise((left, right) => left ^ right),
  'binary_not(value: long): long': (value: Integer) => integer(~BigInt(value)),
  'binary_shift_left(value: long, bits: long): long': bitwise(
    (value, bits) => value << (((bits % 64n) + 64n) % 64n),
  ),
  'binary_shift_right(value: long, bits: long): long': bitwise(
    (value, bits) => BigInt.asUintN(64, value) >> (((bits % 64n) + 64n) % 64n),
  ),
  'bitset_count_ones(value: long): long': (value: Integer) =>
    BigInt.asUintN(64, BigInt(value)).toString(2).replaceAll('0', '').length,
}

function reals(functions: Readonly<Record<string, (value: number) => number>>): Family {
  return Object.fromEntries(
    Object.entries(functions).map(([name, evaluate]) => [
      `${name}(value: number): real`,
      (value: Integer) => evaluate(Number(value)),
    ]),
  )
}

function bitwise(
  evaluate: (left: bigint, right: bigint) => bigint,
): (left: Integer, right: Integer) => Integer {
  return (left, right) => integer(evaluate(BigInt(left), BigInt(right)))
}
