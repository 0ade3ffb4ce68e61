import { expect, test } from 'vitest';
import { encodedComponent, percentEncoded } from '../../../core/http/percent.ts';

test('every byte of the text is encoded', () => {
  expect(percentEncoded('a é')).toBe('%61%20%C3%A9');
});

test('a component keeps what a URL may contain, and a lone surrogate does no harm', () => {
  expect(encodedComponent('a/é\uD800')).toBe('a%2F%C3%A9%EF%BF%BD');
});
