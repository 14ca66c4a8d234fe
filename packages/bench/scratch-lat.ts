import { latency } from './src/benches/latency.ts'
