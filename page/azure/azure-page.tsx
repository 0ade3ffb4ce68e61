import { ActionPanel } from '../action-panel.tsx';
import { Header } from '../header.tsx';
import { Chart } from '../live/chart.tsx';
import { lastMinute } from '../live/last-minute.ts';
import { Numbers } from '../live/numbers.tsx';
import { useSeconds } from '../live/use-seconds.ts';
import type { PageAction } from '../wire.ts';
import { ResultList } from './result-list.tsx';
import { useResults } from './use-results.ts';

/**
 * The page of the digits example on Azure Functions: on the left its HTTP function, on the right each new result of its
 * queue, as SignalR reports it.
 *
 * @param app URL of the function app; "" for the page's own host
 */
export function AzurePage({ app }: { app: string }) {
  const base = app === '' ? location.origin : app.replace(/\/+$/, '');
  const { problem, results, total } = useResults(base);
  const minute = lastMinute(results, useSeconds(results.length > 0));
  return (
    <>
      <Header title="Digits on Azure Functions" problem={problem}>
        connected to {base}
      </Header>
      <main>
        <section aria-label="Predict">
          <ActionPanel action={predict(base)} activations={[]} />
        </section>
        <section aria-label="New results">
          <Numbers values={{ 'results/s': String(minute.callsPerSecond), 'in all': String(total) }} />
          <Chart minute={minute} what="results" />
          <ResultList results={results} />
        </section>
      </main>
    </>
  );
}

/** The function `predict` of examples/azure. */
function predict(base: string): PageAction {
  return {
    name: 'predict',
    title: 'Handwritten digits',
    path: `${base}/api/model/predict`,
    input: { kind: 'file', field: 'image', filename: 'digit.png', contentType: 'image/png', accepts: ['image/*'] },
    parameters: [],
    pictures: [],
  };
}
