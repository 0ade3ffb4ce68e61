import type { Request, RequestHandler } from 'express';
import multer from 'multer';
import { invalidInput } from './errors.ts';
import { formats } from './image/decode.ts';

/** Largest image file that is read, in bytes. */
export const MAX_FILE = 16 * 1024 * 1024;

export const imageHelp = `An image of one handwritten digit: ${formats}`;

/**
 * Reads a multipart body and keeps the file of its part `image`; other parts are ignored, as MAX servers do.
 * Answers 413 past `MAX_FILE`, 400 for a body that is not well-formed.
 */
export const readUpload: RequestHandler = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: MAX_FILE, files: 4, parts: 32, fieldSize: 64 * 1024 },
  fileFilter: (_request, file, accept) => accept(null, file.fieldname === 'image'),
}).any();

/** The file that `readUpload` kept. Throws the 400 of MAX servers if there is no file. */
export function uploadedImage({ files }: Request): Buffer {
  const [file] = Array.isArray(files) ? files : [];
  if (file === undefined) {
    throw invalidInput({ image: `${imageHelp} Missing required parameter in an uploaded file` });
  }
  return file.buffer;
}
