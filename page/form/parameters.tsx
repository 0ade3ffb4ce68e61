import type { PageParameter } from '../wire.ts';

/** Fields for the query parameters of a route. */
export function Parameters(props: {
  parameters: readonly PageParameter[];
  values: Readonly<Record<string, string>>;
  onChange: (values: Readonly<Record<string, string>>) => void;
}) {
  if (props.parameters.length === 0) return null;
  return (
    <div class="row">
      {props.parameters.map((parameter) => (
        <label key={parameter.name} class="field">
          {parameter.name}
          <ParameterField
            parameter={parameter}
            value={props.values[parameter.name] ?? parameter.value}
            onChange={(value) => props.onChange({ ...props.values, [parameter.name]: value })}
          />
        </label>
      ))}
    </div>
  );
}

function ParameterField(props: { parameter: PageParameter; value: string; onChange: (value: string) => void }) {
  const { values, type, required } = props.parameter;
  const choices = type === 'boolean' ? ['true', 'false'] : values;
  if (choices.length > 0) {
    return (
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {!required && <option value="" />}
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  const change = (event: { readonly currentTarget: HTMLInputElement }): void =>
    props.onChange(event.currentTarget.value);
  if (type === 'string') return <input type="text" required={required} value={props.value} onInput={change} />;
  const step = type === 'integer' ? 1 : 'any';
  return <input type="number" step={step} required={required} value={props.value} onInput={change} />;
}
