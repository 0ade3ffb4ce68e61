import type { Prediction } from './read-reply.ts';

/** The most likely label in large type, and all labels as bars. */
export function PredictionBars({ predictions }: { predictions: readonly Prediction[] }) {
  const [best] = predictions;
  return (
    <>
      <p class="best">{best?.label}</p>
      <ol class="bars">
        {predictions.map(({ label, probability }, index) => (
          <li key={index}>
            <span>{label}</span>
            {probability !== undefined && (
              <>
                <meter min={0} max={1} value={probability} aria-label={`probability of ${label}`} />
                <span class="number">{(probability * 100).toFixed(1)} %</span>
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
