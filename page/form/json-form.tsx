import { useEffect, useState } from 'preact/hooks';
import type { Payload } from '../request.ts';

/** A JSON body, with a sample filled in. Invalid JSON is marked and not sent. */
export function JsonForm({ sample, onChange }: { sample: string; onChange: (payload: Payload) => void }) {
  const [text, setText] = useState(sample);
  const problem = problemOf(text);
  useEffect(
    () => onChange(text.trim() === '' || problem !== undefined ? { kind: 'none' } : { kind: 'json', text }),
    [text],
  );
  return (
    <label class="field">
      JSON body
      <textarea
        rows={8}
        spellcheck={false}
        value={text}
        aria-invalid={problem !== undefined}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {problem !== undefined && <span class="problem">{problem}</span>}
    </label>
  );
}

function problemOf(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
