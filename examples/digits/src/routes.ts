import express, { type Router } from 'express';
import { imageOfJson } from './ai.ts';
import { allowOnly } from './errors.ts';
import { drawExplanation } from './explain.ts';
import { fetchObject } from './fetch-object.ts';
import { readDigit } from './image/normalize.ts';
import { readInstances } from './instances.ts';
import { sendJson } from './json.ts';
import { BatchSizes } from './metrics.ts';
import { labels, type Model } from './model.ts';
import { doubt, predict, probabilitiesOf } from './predict.ts';
import type { Settings } from './settings.ts';
import { swaggerDocument } from './swagger.ts';
import { MAX_FILE, readUpload, uploadedImage } from './upload.ts';

/** Base64 writes three bytes as four characters; the rest of the document is small. */
const readJson = express.json({ limit: Math.ceil(MAX_FILE / 3) * 4 + 64 * 1024 });

const metadata = {
  id: 'modelwhisk-digits',
  name: 'Handwritten digits',
  description: 'A small convolutional network that tells which digit an image shows',
  type: 'Image Classification',
  source: null,
  license: 'Apache-2.0',
};

/**
 * The routes of a MAX server, with more: `/model/explain`, `/ai` for callers that send JSON, `/predict` for objects, and
 * the list route of KServe's v1 protocol (kserve.github.io/website: V1 protocol, predict).
 */
export function createRoutes(model: Model, settings: Settings): Router {
  const router = express.Router();

  router
    .route('/model/predict')
    .post(readUpload, async (request, response) => {
      const predictions = await predict(model, uploadedImage(request));
      sendJson(response, { status: 'ok', predictions, ...doubt(predictions) });
    })
    .all(allowOnly('POST'));

  router
    .route('/model/explain')
    .post(readUpload, async (request, response) => {
      const digit = await readDigit(uploadedImage(request));
      response.type('png').send(await drawExplanation(model, digit));
    })
    .all(allowOnly('POST'));

  const batchSizes = new BatchSizes();
  router
    .route(String.raw`/v1/models/digits\:predict`)
    .post(readJson, async (request, response) => {
      const images = await readInstances(request.body);
      const probabilities = await probabilitiesOf(model, images);
      batchSizes.add(probabilities.length);
      sendJson(response, {
        predictions: probabilities.map((each) => ({ digit: each.indexOf(Math.max(...each)), probabilities: each })),
      });
    })
    .all(allowOnly('POST'));

  router
    .route('/metrics')
    .get((_request, response) => {
      response.type('text/plain; version=0.0.4').send(batchSizes.toString());
    })
    .all(allowOnly('GET', 'HEAD'));

  router
    .route('/ai')
    .post(readJson, async (request, response) => {
      const predictions = await predict(model, await imageOfJson(request.body, settings.allowHosts));
      sendJson(response, { result: Number(predictions[0]?.label_id), ...doubt(predictions) });
    })
    .all(allowOnly('POST'));

  router
    .route('/predict')
    .get(async (request, response) => {
      const predictions = await predict(model, await fetchObject(request.query, settings.objectStore()));
      const best = predictions.slice(0, 3);
      sendJson(response, {
        prediction_result: best.map(({ label_id, probability }) => ({ digit: Number(label_id), probability })),
        ...doubt(predictions),
      });
    })
    .all(allowOnly('GET', 'HEAD'));

  const documents: [path: string, document: object][] = [
    ['/model/labels', { count: labels.length, labels: labels.map((name, id) => ({ id: String(id), name })) }],
    ['/model/metadata', metadata],
    ['/swagger.json', swaggerDocument],
  ];
  for (const [path, document] of documents) {
    router
      .route(path)
      .get((_request, response) => sendJson(response, document))
      .all(allowOnly('GET', 'HEAD'));
  }
  return router;
}
