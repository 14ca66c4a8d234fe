import { expect, test } from 'vitest'

import { routeOf } from '../src/route.ts'

test.each([
  ['/dataCollectionRules/dcr-1/streams/Custom-A', { kind: 'ingestion', ruleId: 'dcr-1', stream: 'Custom-A' }],
  [
    '/dataCollectionRules/d%2Fc%20r/streams/Custom%2DA',
    { kind: 'ingestion', ruleId: 'd/c r', stream: 'Custom-A' },
  ],
  ['/dataCollectionRules//streams/', { kind: 'ingestion', ruleId: '', stream: '' }],
  ['/dataCollectionRules/dcr-1/streams/Custom-A/more', { kind: 'unknown' }],
  ['/dataCollectionRules/dcr-1/streams', { kind: 'unknown' }],
  ['/dataCollectionRules/%/streams/Custom-A', { kind: 'unknown' }],
  ['/msi/token', { kind: 'managedIdentity' }],
  ['/contoso/oauth2/v2.0/token', { kind: 'clientCredentials', tenantId: 'contoso' }],
  ['/contoso/v2.0/.well-known/openid-configuration', { kind: 'discovery', tenantId: 'contoso' }],
  ['/', { kind: 'viewerFile', file: 'index.html' }],
  ['/viewer/app-1.js', { kind: 'viewerFile', file: 'app-1.js' }],
  ['/viewer/api/tail', { kind: 'viewerCall', call: 'tail' }],
  ['/viewer/a/b', { kind: 'unknown' }],
  ['/v1/workspaces/w/query', { kind: 'query', batch: false }],
  ['/v1/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/query', { kind: 'query', batch: false }],
  ['/v1/$batch', { kind: 'query', batch: true }],
  ['/v1/query', { kind: 'unknown' }],
  ['/sql', { kind: 'sql' }],
  ['//', { kind: 'unknown' }],
])('%s', (pathname, route) => {
  expect(routeOf(pathname)).toEqual(route)
})
