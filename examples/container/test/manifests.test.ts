import { readFile } from 'node:fs/promises'

import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { Deployment } from 'kubernetes-models/apps/v1'
import { ServiceAccount } from 'kubernetes-models/v1'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

function read(name: string): Promise<string> {
  return readFile(new URL(`../${name}`, import.meta.url), 'utf8')
}

test('the Dockerfile has no mistakes, and node gets SIGTERM as a user that is not root', async () => {
  const content = await read('Dockerfile')
  expect(validate(content)).toEqual([])
  const instructions = DockerfileParser.parse(content).getInstructions()
  const last = (keyword: string): string | undefined =>
    instructions.findLast((instruction) => instruction.getKeyword() === keyword)?.getArgumentsContent() ??
    undefined
  expect(JSON.parse(last('CMD') ?? '')).toEqual(['node', 'app.ts'])
  expect(last('USER')).toBe('1000:1000')
})

test('the manifest for AKS is what Kubernetes takes, and leaves time for the end', async () => {
  const [account, deployment] = parseAllDocuments(await read('aks.yaml')).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as unknown
  })
  new ServiceAccount(account as ConstructorParameters<typeof ServiceAccount>[0]).validate()
  const checked = new Deployment(deployment as ConstructorParameters<typeof Deployment>[0])
  checked.validate()

  const pod = checked.spec?.template
  expect(pod?.metadata?.labels).toMatchObject({ 'azure.workload.identity/use': 'true' })
  const [container] = pod?.spec?.containers ?? []
  // The application takes 10 seconds for requests and 5 for the last delivery, at most.
  const needed = (container?.lifecycle?.preStop?.sleep?.seconds ?? 0) + 10 + 5
  expect(pod?.spec?.terminationGracePeriodSeconds).toBeGreaterThan(needed)
  expect(container?.volumeMounts?.map(({ name }) => name)).toEqual(
    pod?.spec?.volumes?.map(({ name }) => name),
  )
})

test('the Container App mounts the volume that it declares', async () => {
  const { properties } = parse(await read('container-app.yaml')) as {
    properties: {
      template: {
        containers: readonly [{ volumeMounts: readonly { volumeName: string; mountPath: string }[] }]
        volumes: readonly { name: string; storageType: string }[]
      }
    }
  }
  const { containers, volumes } = properties.template
  expect(volumes).toEqual([{ name: 'spool', storageType: 'EmptyDir' }])
  expect(containers[0].volumeMounts).toEqual([{ volumeName: 'spool', mountPath: '/var/spool/azlogs' }])
})
