import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

import { FAULT_PRESETS, faultKind } from '../model/fault-catalogue.ts'
import type { FaultPreset } from '../model/fault-catalogue.ts'
import { formatTime, plural } from '../model/format.ts'
import { Icon } from '../parts/icon.tsx'
import { putFaults } from '../state/api.ts'
import { faults } from '../state/session.ts'

export function FaultsView(): JSX.Element {
  const [problem, setProblem] = useState('')
  const active = faults.value.active
  const set = async (texts: readonly string[]): Promise<boolean> => {
    try {
      faults.value = await putFaults(texts)
      setProblem('')
      return true
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      return false
    }
  }
  const texts = active.map((fault) => fault.text)
  return (
    <div class="faults" tabIndex={0} role="region" aria-label="Faults">
      <section class="faults-active" aria-labelledby="faults-active">
        <div class="faults-head">
          <h2 id="faults-active">Set now</h2>
          <span class="faults-seed">seed {faults.value.seed}</span>
          {active.length > 0 && (
            <button type="button" class="button" onClick={() => void set([])}>
              Switch all off
            </button>
          )}
        </div>
        {active.length === 0 ? (
          <p class="faults-none">No faults: requests are answered as Azure would on a good day.</p>
        ) : (
          <ul class="faults-list">
            {active.map(({ text, hits, endsAt }) => (
              <li key={text}>
                <code>{text}</code>
                <span class="faults-hits">
                  {plural(hits, 'request')} hit
                  {endsAt !== undefined && `, until ${formatTime(Date.parse(endsAt)).slice(0, 8)}`}
                </span>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`Remove ${text}`}
                  onClick={() => void set(texts.filter((other) => other !== text))}
                >
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <AddFault onAdd={(text) => set([...texts, text])} />
        {problem !== '' && (
          <p class="faults-problem" role="alert">
            {problem}
          </p>
        )}
      </section>
      <div class="faults-groups">
        {FAULT_PRESETS.map(({ title, presets }) => (
          <section key={title} class="faults-group" aria-label={title}>
            <h2>{title}</h2>
            {presets.map((preset) => (
              <FaultSwitch key={preset.text} preset={preset} active={texts} onSet={set} />
            ))}
          </section>
        ))}
      </div>
    </div>
  )
}

function FaultSwitch(props: {
  readonly preset: FaultPreset
  readonly active: readonly string[]
  readonly onSet: (texts: readonly string[]) => Promise<boolean>
}): JSX.Element {
  const { preset, active, onSet } = props
  const { text, title, explanation } = preset
  const same = active.filter((other) => faultKind(other) === faultKind(text))
  const on = same.length > 0
  const id = `fault-${faultKind(text)}`
  return (
    <div class="fault">
      <div class="fault-text">
        <span class="fault-title" id={id}>
          {title}
        </span>
        <span class="fault-explanation" id={`${id}-why`}>
          {explanation}
        </span>
        <code class="fault-rule">{on ? same.join(', ') : text}</code>
      </div>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-labelledby={id}
        aria-describedby={`${id}-why`}
        onClick={() => void onSet(on ? active.filter((other) => !same.includes(other)) : [...active, text])}
      >
        <span class="switch-knob" />
      </button>
    </div>
  )
}

function AddFault({ onAdd }: { readonly onAdd: (text: string) => Promise<boolean> }): JSX.Element {
  const [text, setText] = useState('')
  return (
    <form
      class="faults-add"
      onSubmit={(event) => {
        event.preventDefault()
        void onAdd(text).then((added) => added && setText(''))
      }}
    >
      <input
        class="input"
        aria-label="A fault of your own"
        placeholder="429:10%, 503:5%, latency:200±50ms"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={text.trim() === ''}>
        <Icon name="plus" />
        Add
      </button>
    </form>
  )
}
