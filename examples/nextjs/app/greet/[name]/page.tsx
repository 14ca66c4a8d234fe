import { headers } from 'next/headers'
import type { ReactNode } from 'react'

import { requestLogger } from '../../../logger'

interface Props {
  readonly params: Promise<{ readonly name: string }>
}

export default async function Greeting({ params }: Props): Promise<ReactNode> {
  const name = decodeURIComponent((await params).name)
  requestLogger(await headers()).info({ greeted: name }, 'greeting')
  return <h1>Hello, {name}!</h1>
}
