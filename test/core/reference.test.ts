import { describe, expect, test } from 'vitest';

import { formatReference, parseReference, parseTarget } from '../../core/reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  test.each([
    ['node', 'docker.io/library/node:latest'],
    ['node:24-bookworm-slim', 'docker.io/library/node:24-bookworm-slim'],
    ['codait/max-ocr', 'docker.io/codait/max-ocr:latest'],
    ['docker.io/node', 'docker.io/library/node:latest'],
    ['index.docker.io/codait/max-ocr', 'docker.io/codait/max-ocr:latest'],
    ['registry-1.docker.io/codait/max-ocr:v1', 'docker.io/codait/max-ocr:v1'],
    ['quay.io/codait/max-ocr', 'quay.io/codait/max-ocr:latest'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/x', 'localhost:5000/x:latest'],
    ['127.0.0.1:5000/a/b/c:tag', '127.0.0.1:5000/a/b/c:tag'],
    ['[::1]:5000/x:v1', '[::1]:5000/x:v1'],
    ['Registry.Example.com/x', 'registry.example.com/x:latest'],
    [`node@${digest}`, `docker.io/library/node@${digest}`],
    [`node:24@${digest}`, `docker.io/library/node:24@${digest}`],
    ['a/b__c.d-e---f', 'docker.io/a/b__c.d-e---f:latest'],
  ])('%s is %s', (text, complete) => {
    expect(formatReference(parseReference(text))).toBe(complete);
  });

  test.each([
    ['', 'not a repository name'],
    ['Node', 'lower case'],
    ['Codait/max-ocr', 'lower case'],
    ['LOCALHOST:x/y', 'not a registry host'],
    ['localhost:65536/x', 'not a registry host'],
    ['[::1]:99999/x', 'not a registry host'],
    ['quay.io:0/x', 'not a registry host'],
    ['quay.io/Codait/x', 'lower case'],
    ['a//b', 'not a repository name'],
    ['https://quay.io/x', 'not a registry host'],
    ['node:', 'not a tag'],
    ['node:-x', 'not a tag'],
    [`node:${'x'.repeat(129)}`, 'not a tag'],
    ['node@sha256:abc', 'not a digest'],
    [`x/${'y'.repeat(260)}`, 'not a repository name'],
    ['foo..com/x', 'not a registry host'],
    ['node name', 'not a repository name'],
  ])('refuses "%s": %s', (text, reason) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: 'REFERENCE', message: expect.stringContaining(reason) }),
    );
  });
});

describe('parseTarget', () => {
  test.each([
    ['me/max-ocr', 'latest'],
    ['me/max-ocr:v1', 'v1'],
    ['ghcr.io/me/models/max-ocr:v1', 'v1'],
  ])('%s is pushed under the tag %s', (text, tag) => {
    expect(parseTarget(text).tag).toBe(tag);
  });

  test.each([
    ['me/models/max-ocr', 'one level deep'],
    ['max-ocr', 'not yours to push to'],
    [`me/max-ocr@${digest}`, 'by tag'],
    [`me/max-ocr:v1@${digest}`, 'by tag'],
  ])('refuses %s: %s', (text, reason) => {
    expect(() => parseTarget(text)).toThrow(reason);
  });
});
