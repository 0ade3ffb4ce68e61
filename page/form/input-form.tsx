import type { Payload } from '../request.ts';
import type { PageInput } from '../wire.ts';
import { FileForm } from './file-form.tsx';
import { JsonForm } from './json-form.tsx';

/** The form for an action's input. */
export function InputForm({ input, onChange }: { input: PageInput; onChange: (payload: Payload) => void }) {
  switch (input.kind) {
    case 'file':
      return <FileForm input={input} onChange={onChange} />;
    case 'json':
      return <JsonForm sample={input.sample} onChange={onChange} />;
    case 'query':
      return null;
    case 'unknown':
      return (
        <>
          <p>Nothing is known of what this container takes. Leave the field empty for a GET, or write a JSON body.</p>
          <JsonForm sample="" onChange={onChange} />
        </>
      );
  }
}
