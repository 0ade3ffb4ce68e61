import { imageHelp } from './upload.ts';

const imagePart = { name: 'image', in: 'formData', type: 'file', required: true, description: imageHelp };

const reply = (description: string, schema?: object): object => ({ description, ...(schema && { schema }) });

const errors = {
  400: reply('The image is missing or cannot be read', { $ref: '#/definitions/Error' }),
  413: reply('The image is larger than 16 MB or 50 megapixels', { $ref: '#/definitions/Error' }),
};

/** What the server offers, in Swagger 2.0 as MAX servers describe themselves. Paths are relative to the root. */
export const swaggerDocument = {
  swagger: '2.0',
  info: {
    title: 'Handwritten digits',
    description: 'Tells which digit an image shows, and which of its ink says so.',
    version: '1.0.0',
    license: { name: 'Apache-2.0' },
  },
  basePath: '/',
  consumes: ['application/json'],
  produces: ['application/json'],
  tags: [{ name: 'model', description: 'Model information and inference operations' }],
  paths: {
    '/model/predict': {
      post: {
        tags: ['model'],
        operationId: 'predict',
        summary: 'The ten digits with their probabilities, the most likely first',
        consumes: ['multipart/form-data'],
        parameters: [imagePart],
        responses: { 200: reply('The prediction', { $ref: '#/definitions/Predictions' }), ...errors },
      },
    },
    '/v1/models/digits:predict': {
      post: {
        tags: ['model'],
        operationId: 'predict_instances',
        summary: 'The digits of several images, for which the network runs once',
        parameters: [{ name: 'payload', in: 'body', required: true, schema: { $ref: '#/definitions/Instances' } }],
        responses: {
          200: reply('The digits, in the order of the images', { $ref: '#/definitions/Digits' }),
          ...errors,
        },
      },
    },
    '/model/explain': {
      post: {
        tags: ['model'],
        operationId: 'explain',
        summary: 'A heat map of the ink that carried the decision: red spoke for the digit, blue against it',
        consumes: ['multipart/form-data'],
        produces: ['image/png'],
        parameters: [imagePart],
        responses: { 200: reply('A PNG image', { type: 'file' }), ...errors },
      },
    },
    '/model/labels': {
      get: {
        tags: ['model'],
        operationId: 'labels',
        summary: 'The ten digits and their names',
        responses: { 200: reply('The labels', { $ref: '#/definitions/Labels' }) },
      },
    },
    '/model/metadata': {
      get: {
        tags: ['model'],
        operationId: 'metadata',
        summary: 'What this model is',
        responses: { 200: reply('The metadata', { $ref: '#/definitions/Metadata' }) },
      },
    },
    '/ai': {
      post: {
        tags: ['model'],
        operationId: 'ai',
        summary: 'The most likely digit of an image given as base64 or by its URL',
        parameters: [{ name: 'payload', in: 'body', required: true, schema: { $ref: '#/definitions/Image' } }],
        responses: { 200: reply('The digit', { $ref: '#/definitions/Result' }), ...errors },
      },
    },
    '/predict': {
      get: {
        tags: ['model'],
        operationId: 'predict_object',
        summary: 'The three most likely digits of an image in an object store',
        parameters: ['bucket', 'key'].map((name) => ({ name, in: 'query', type: 'string', required: true })),
        responses: { 200: reply('The digits', { $ref: '#/definitions/PredictionResult' }), ...errors },
      },
    },
  },
  definitions: {
    Predictions: prediction({
      status: { type: 'string', example: 'ok' },
      predictions: {
        type: 'array',
        items: object({
          label_id: { type: 'string', example: '7' },
          label: { type: 'string', example: 'seven' },
          probability: { type: 'number', example: 0.99 },
        }),
      },
    }),
    Labels: object({
      count: { type: 'integer', example: 10 },
      labels: { type: 'array', items: object({ id: { type: 'string' }, name: { type: 'string' } }) },
    }),
    Metadata: object({
      id: { type: 'string' },
      name: { type: 'string' },
      description: { type: 'string' },
      type: { type: 'string' },
      source: { type: 'string' },
      license: { type: 'string' },
    }),
    Image: {
      type: 'object',
      description: 'Exactly one of the two; an empty one counts as not there',
      properties: { image_base64: { type: 'string' }, image_url: { type: 'string' } },
    },
    Instances: object({
      instances: {
        type: 'array',
        description: 'Each is {"b64": base64 of an image} or 28 rows of 28 numbers from 0 (paper) to 1 (ink)',
        items: {},
      },
    }),
    Digits: object({
      predictions: {
        type: 'array',
        items: object({
          digit: { type: 'integer', example: 7 },
          probabilities: { type: 'array', items: { type: 'number' }, description: 'Of the digits 0 to 9' },
        }),
      },
    }),
    Result: prediction({ result: { type: 'integer', example: 7 } }),
    PredictionResult: prediction({
      prediction_result: {
        type: 'array',
        items: object({
          digit: { type: 'integer', example: 7 },
          probability: { type: 'number', example: 0.99 },
        }),
      },
    }),
    Error: {
      type: 'object',
      required: ['message'],
      properties: {
        message: { type: 'string' },
        errors: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
};

/** An answer that is a prediction may hold a note besides. */
function prediction(properties: Record<string, object>): object {
  const note = { type: 'string', description: 'Only where no digit is likely' };
  return { type: 'object', required: Object.keys(properties), properties: { ...properties, note } };
}

function object(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}
