import * as z from 'zod';

// Values that stand in several parts of a row.

export const text = z.string().min(1, 'a text that is not empty');
export const absolutePath = z.string().regex(/^\/\S*$/, 'a path starting with "/"');
export const headerValue = z.string().regex(/^[\t\x20-\x7e]+$/, 'printable ASCII');
export const scalar = z.union([z.string(), z.number(), z.boolean()], 'a string, a number or a boolean');
