import { describe, expect, it } from 'vitest';
import { detectEvent } from '../../../../adapter/platforms/lambda/event.ts';
import { fixture, type FixtureName } from './fixtures.ts';

describe('detectEvent', () => {
  it.each<[FixtureName, string]>([
    ['rest-api', 'rest'],
    ['rest-api-console-test', 'rest'],
    ['http-api', 'http'],
    ['function-url', 'http'],
    ['load-balancer', 'alb'],
    ['load-balancer-multi-value', 'alb'],
    ['s3-put', 's3'],
    ['sqs', 'sqs'],
  ])('takes the event %s for %s', (name, kind) => {
    expect(detectEvent(fixture(name)).kind).toBe(kind);
  });

  it.each([
    ['an object of parameters', { image_url: 'https://example.com/a.png' }],
    ['an object that only looks like a request', { httpMethod: 'GET', path: '/', rawPath: '/', requestContext: {} }],
    ['an event of a service that nothing is known of', { Records: [{ eventSource: 'aws:kinesis' }] }],
    ['an empty list of records', { Records: [] }],
    ['an array', [1]],
    ['a text', 'text'],
    ['null', null],
  ])('takes %s for a direct invocation', (_title, event) => {
    expect(detectEvent(event)).toEqual({ kind: 'direct', parameters: event });
  });

  it('decodes the key of an S3 object as S3 encodes it', () => {
    expect(detectEvent(fixture('s3-put'))).toEqual({
      kind: 's3',
      objects: [{ bucket: 'amzn-s3-demo-bucket', key: 'uploads/a b+cé&.png' }],
    });
  });

  it("takes S3's test event for one without objects", () => {
    const event = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'amzn-s3-demo-bucket' };
    expect(detectEvent(event)).toEqual({ kind: 's3', objects: [] });
  });

  it('knows the messages of a FIFO queue, whose order counts', () => {
    const record = { messageId: '1', body: '', eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:x:1:queue.fifo' };
    expect(detectEvent({ Records: [record] })).toEqual({
      kind: 'sqs',
      messages: [{ id: '1', body: '', isOrdered: true }],
    });
  });

  it.each([
    [{ ...fixture('http-api'), version: '1.0' }, /^the HTTP API event is malformed at version/],
    [{ ...fixture('http-api'), rawPath: 7 }, /^the HTTP API event is malformed at rawPath/],
    [{ ...fixture('rest-api'), multiValueHeaders: { a: 'b' } }, /^the REST API event .* multiValueHeaders\.a/],
    [{ ...fixture('load-balancer'), httpMethod: null }, /^the load balancer event is malformed at httpMethod/],
    [{ Records: [{ eventSource: 'aws:s3' }] }, /^the S3 event is malformed at Records\.0\.s3/],
  ])('refuses an event that has marks of a service but is not as it sends them', (event, message) => {
    expect(() => detectEvent(event)).toThrow(message);
  });
});
