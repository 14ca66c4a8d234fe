import type { JSX } from 'preact'

import { fieldName } from '../model/field.ts'
import * as logs from '../state/logs.ts'
import { Popover } from './popover.tsx'

export function ColumnPicker(): JSX.Element {
  return (
    <Popover icon="columns" label="Columns">
      {() => {
        const shown = new Set(logs.columns.value.map(fieldName))
        const facets = new Set(logs.facetFields.value.map(fieldName))
        return (
          <table class="picker">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">List</th>
                <th scope="col">Facet</th>
              </tr>
            </thead>
            <tbody>
              {logs.fields.value.map((field) => {
                const name = fieldName(field)
                return (
                  <tr key={name}>
                    <th scope="row" title={name}>
                      {name}
                    </th>
                    <td>
                      <input
                        type="checkbox"
                        aria-label={`Show ${name} in the list`}
                        checked={shown.has(name)}
                        onChange={() => logs.toggleColumn(field)}
                      />
                    </td>
                    <td>
                      <input
                        type="checkbox"
                        aria-label={`Show ${name} as a facet`}
                        checked={facets.has(name)}
                        onChange={() => logs.toggleFacet(field)}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        )
      }}
    </Popover>
  )
}
