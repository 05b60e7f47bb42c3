import { type FormEvent, useId, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { title, words } from '../format.js'
import type { InputDescriptor } from '../world/descriptor.js'
import { argsOf, type FieldShape, fieldsOf } from '../world/input-form.js'

/** A form per input, from its schema: for worlds without controls of their own. */
export function GenericControls() {
  const model = useModel()
  const { inputs } = model.view.descriptor
  if (inputs.length === 0) return <p className="hint">This world takes no inputs.</p>
  return (
    <div className="generic-controls">
      {inputs.map((input) => (
        <InputForm key={input.name} input={input} />
      ))}
    </div>
  )
}

function InputForm({ input }: { readonly input: InputDescriptor }) {
  const model = useModel()
  const fields = fieldsOf(input.args)
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void model.send(input.name, argsOf(fields, texts))
  }
  return (
    <form className="input-form" onSubmit={submit} aria-label={title(input.name)}>
      {fields.map((field) => (
        <FormField
          key={field.name}
          field={field}
          text={texts[field.name] ?? field.initial}
          onText={(text) => setTexts({ ...texts, [field.name]: text })}
        />
      ))}
      <button type="submit" className="button">
        {title(input.name)}
      </button>
    </form>
  )
}

interface FormFieldProps {
  readonly field: FieldShape
  readonly text: string
  onText(text: string): void
}

function FormField({ field, text, onText }: FormFieldProps) {
  const id = useId()
  return (
    <label className="field" htmlFor={id}>
      <span>{words(field.name)}</span>
      {field.options === undefined ? (
        <input
          id={id}
          value={text}
          type={field.type === 'number' ? 'number' : 'text'}
          step="any"
          required={field.required}
          onChange={(event) => onText(event.target.value)}
        />
      ) : (
        <select id={id} value={text} onChange={(event) => onText(event.target.value)}>
          {!field.required && <option value="" />}
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )}
    </label>
  )
}
