import { rowOf } from './src/load/rows.ts'
const rows: any[] = Array.from({ length: 200000 }, (_v, n) => JSON.parse(JSON.stringify(rowOf(n))))
const isRecord = (log: unknown): boolean => typeof log === 'object' && log !== null && !Array.isArray(log)
for (let k = 0; k < 5; k++) {
  const t = performance.now()
  let i = 0
  for (const r of rows) {
    if (!isRecord(r)) throw new Error(String(i))
    i++
  }
  const u = performance.now()
  let n = 0
  for (let j = 0; j < 3300; j++) n += JSON.stringify(rows[j + k * 3300]).length
  console.log((u - t).toFixed(2), 'stringify 3300', (performance.now() - u).toFixed(2))
}
