import { useEffect, useRef, useState } from 'preact/hooks';
import type { Payload } from '../request.ts';
import type { PageInput } from '../wire.ts';
import { DrawPad } from './draw-pad.tsx';
import { SoundRecorder } from './sound-recorder.tsx';

type FileInput = Extract<PageInput, { kind: 'file' }>;

/** A file to drop, choose or paste. An image can also be drawn, a sound recorded, a text written. */
export function FileForm({ input, onChange }: { input: FileInput; onChange: (payload: Payload) => void }) {
  const [picked, setPicked] = useState<File>();
  const send = (file: Blob, filename: string): void => onChange({ kind: 'file', field: input.field, file, filename });
  const pick = (file: File): void => {
    setPicked(file);
    send(file, file.name);
  };
  // What was picked before is not what is sent.
  const take = (file: Blob, filename: string): void => {
    setPicked(undefined);
    send(file, filename);
  };
  return (
    <div class="ways">
      <FilePicker accept={input.accepts} file={picked} onFile={pick} />
      {input.contentType.startsWith('image/') && <DrawPad onDrawn={(file) => take(file, 'drawing.png')} />}
      {input.contentType.startsWith('audio/') && <SoundRecorder onRecorded={(file) => take(file, 'recording.wav')} />}
      {input.contentType.startsWith('text/') && (
        <label class="field">
          Or write it
          <textarea
            rows={6}
            onChange={(event) =>
              take(new Blob([event.currentTarget.value], { type: input.contentType }), input.filename)
            }
          />
        </label>
      )}
    </div>
  );
}

function FilePicker(props: {
  accept: readonly string[];
  /** The one that is sent. */
  file: File | undefined;
  onFile: (file: File) => void;
}) {
  const { accept, file, onFile } = props;
  const [over, setOver] = useState(false);
  const takeFirst = (files: FileList | null | undefined): void => {
    const first = files?.[0];
    if (first !== undefined) onFile(first);
  };
  const take = useRef(takeFirst);
  take.current = takeFirst;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => take.current(event.clipboardData?.files);
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
  return (
    <label
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        takeFirst(event.dataTransfer?.files);
      }}
    >
      <input type="file" accept={accept.join(',')} onChange={(event) => takeFirst(event.currentTarget.files)} />
      <Preview file={file} />
      <span>
        {file === undefined ? 'Drop a file, paste one, or press to choose' : `${file.name}, ${file.size} bytes`}
      </span>
    </label>
  );
}

function Preview({ file }: { file: File | undefined }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (file === undefined || !/^(image|audio)\//.test(file.type)) {
      setUrl(undefined);
      return;
    }
    const created = URL.createObjectURL(file);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [file]);
  if (url === undefined) return null;
  return file?.type.startsWith('image/') ? <img src={url} alt="the chosen file" /> : <audio controls src={url} />;
}
