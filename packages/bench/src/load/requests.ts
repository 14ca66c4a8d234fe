import { Agent, get } from 'node:http'

import { pace } from './pace.ts'

const CONNECTIONS = 64

/** How many requests, and how fast. */
export interface Requests {
  readonly count: number
  /** How many of them are not measured, the first ones. */
  readonly warmUp: number
  readonly perSecond: number
}

/**
 * Requests at a constant rate, whether or not those before have been answered; gives the milliseconds that each took, of those that
 * began when `warmUp` were under way. (autocannon sends a second's requests at the beginning of each second.)
 */
export async function sendRequests(
  url: string,
  { count, warmUp, perSecond }: Requests,
): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const answers: Promise<number>[] = []
  await pace(0, count, perSecond, (number) => {
    const answer = timeRequest(url, agent)
    // One that fails before it is waited for is no unhandled rejection.
    answer.catch(() => {})
    if (number >= warmUp) answers.push(answer)
  })
  const latencies = await Promise.all(answers)
  agent.destroy()
  return latencies
}

function timeRequest(url: string, agent: Agent): Promise<number> {
  const begunAt = performance.now()
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - begunAt)
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    }).on('error', reject)
  })
}
