import { useRef, useState } from 'preact/hooks';
import { encodeWav } from './wav.ts';

/** Records a sound from the microphone. Calls `onRecorded` with a WAV file, which every model can read. */
export function SoundRecorder({ onRecorded }: { onRecorded: (file: Blob) => void }) {
  const recorder = useRef<MediaRecorder>(undefined);
  const [recording, setRecording] = useState(false);
  const [problem, setProblem] = useState<string>();

  const start = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts: Blob[] = [];
      recorder.current = new MediaRecorder(stream);
      recorder.current.ondataavailable = ({ data }) => void parts.push(data);
      recorder.current.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        setRecording(false);
        decode(new Blob(parts)).then(onRecorded, say);
      };
      recorder.current.start();
      setRecording(true);
    } catch (error) {
      say(error);
    }
  };
  const say = (error: unknown): void =>
    setProblem(`Recording failed: ${error instanceof Error ? error.message : String(error)}. Choose a file instead.`);
  return (
    <div class="field">
      <button type="button" onClick={() => (recording ? recorder.current?.stop() : void start())}>
        {recording ? 'stop' : 'Record'}
      </button>
      {problem !== undefined && <span class="problem">{problem}</span>}
    </div>
  );
}

async function decode(recorded: Blob): Promise<Blob> {
  const context = new AudioContext();
  try {
    const audio = await context.decodeAudioData(await recorded.arrayBuffer());
    return encodeWav(audio.getChannelData(0), audio.sampleRate);
  } finally {
    await context.close();
  }
}
