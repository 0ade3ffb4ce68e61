import { PredictionBars } from '../answer/prediction-bars.tsx';
import { readReply } from '../answer/read-reply.ts';
import { clockTime } from '../clock.ts';
import type { Result } from './use-results.ts';

const SHOWN = 50;

/** The last results, newest first: the image, its label and, on a click, all labels. */
export function ResultList({ results }: { results: readonly Result[] }) {
  if (results.length === 0) {
    return <p class="empty">No result yet. Put the URL of an image into the queue “images”.</p>;
  }
  return (
    <ul class="results" aria-live="polite">
      {results.slice(0, SHOWN).map((result) => (
        <ResultLine key={result.number} result={result} />
      ))}
    </ul>
  );
}

function ResultLine({ result: { end, message } }: { result: Result }) {
  const { url, predictedTagName } = message;
  const reply = readReply('application/json', JSON.stringify(message));
  const image = typeof url === 'string' && /^https?:/i.test(url) ? url : undefined;
  return (
    <li>
      {image !== undefined && <img src={image} alt="" />}
      <div class="what">
        <strong>{typeof predictedTagName === 'string' ? predictedTagName : 'no label'}</strong>{' '}
        <span class="quiet">{clockTime(end)}</span>
        {reply.kind === 'predictions' && (
          <details>
            <summary>all labels</summary>
            <PredictionBars predictions={reply.predictions} />
          </details>
        )}
      </div>
    </li>
  );
}
