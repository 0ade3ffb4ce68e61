import { useRef } from 'preact/hooks';

/** In pixels. */
const SIDE = 280;

/** A field for drawing with a mouse, a pen or a finger. Calls `onDrawn` with a PNG after each stroke. */
export function DrawPad({ onDrawn }: { onDrawn: (file: Blob) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);

  const pen = (): CanvasRenderingContext2D | undefined => {
    const context = canvas.current?.getContext('2d') ?? undefined;
    if (context !== undefined) Object.assign(context, { lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
    return context;
  };
  const begin = (event: PointerEvent): void => {
    if (!drawing.current && isEmpty(canvas.current)) clear();
    drawing.current = true;
    canvas.current?.setPointerCapture(event.pointerId);
    const context = pen();
    context?.beginPath();
    context?.moveTo(event.offsetX, event.offsetY);
    draw(event);
  };
  const draw = (event: PointerEvent): void => {
    if (!drawing.current) return;
    const context = pen();
    context?.lineTo(event.offsetX, event.offsetY);
    context?.stroke();
  };
  const end = (): void => {
    if (!drawing.current) return;
    drawing.current = false;
    canvas.current?.toBlob((file) => file !== null && onDrawn(file), 'image/png');
  };
  const clear = (): void => {
    const context = pen();
    if (context === undefined) return;
    context.fillStyle = 'white';
    context.fillRect(0, 0, SIDE, SIDE);
    context.fillStyle = context.strokeStyle = 'black';
  };
  return (
    <div class="draw">
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Draw here; with the keyboard, choose a file instead"
        onPointerDown={begin}
        onPointerMove={draw}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <div class="caption">
        <span>Or draw here</span>
        <button type="button" onClick={clear}>
          clear
        </button>
      </div>
    </div>
  );
}

/** Whether nothing has been drawn: a new canvas is transparent. */
function isEmpty(canvas: HTMLCanvasElement | null): boolean {
  return canvas?.getContext('2d')?.getImageData(0, 0, 1, 1).data[3] === 0;
}
