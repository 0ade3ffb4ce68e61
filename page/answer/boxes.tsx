import { useEffect, useRef } from 'preact/hooks';
import type { Prediction } from './read-reply.ts';

/** The input image with a box for each prediction. */
export function Boxes({ image, predictions }: { image: Blob; predictions: readonly Prediction[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const left = new AbortController();
    void paintOver(canvas.current, image, predictions, left.signal);
    return () => left.abort();
  }, [image, predictions]);
  const labels = predictions.map(({ label }) => label).join(', ');
  return <canvas ref={canvas} class="boxes" role="img" aria-label={`the image, with boxes: ${labels}`} />;
}

async function paintOver(
  canvas: HTMLCanvasElement | null,
  image: Blob,
  predictions: readonly Prediction[],
  signal: AbortSignal,
): Promise<void> {
  // Nothing is drawn if the browser cannot read the image.
  const bitmap = await createImageBitmap(image).catch(() => undefined);
  if (canvas !== null && bitmap !== undefined && !signal.aborted) paint(canvas, bitmap, predictions);
  bitmap?.close();
}

function paint(canvas: HTMLCanvasElement, bitmap: ImageBitmap, predictions: readonly Prediction[]): void {
  const { width, height } = bitmap;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(bitmap, 0, 0);
  const line = Math.max(2, width / 200);
  Object.assign(context, {
    lineWidth: line,
    strokeStyle: '#e11d48',
    fillStyle: '#e11d48',
    font: `${line * 7}px sans-serif`,
  });
  for (const { label, box } of predictions) {
    if (box === undefined) continue;
    const inPixels = box.some((value) => value > 1.5);
    const [top, left, bottom, right] = inPixels
      ? box
      : [box[0] * height, box[1] * width, box[2] * height, box[3] * width];
    context.strokeRect(left, top, right - left, bottom - top);
    context.fillText(label, left + line, Math.max(line * 7, top - line));
  }
}
