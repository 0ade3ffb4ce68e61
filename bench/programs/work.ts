/** The work of every contestant: the same routes and the same bytes. */

/** Bytes with all values, instead of an image, because no contestant decodes it. */
export function imageBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 7 + (index >> 8)) % 256;
  return bytes;
}

const images = new Map<number, Buffer>();

/** The body of `GET /image/<length>`, made once. */
export function storedImage(length: number): Buffer {
  const image = images.get(length) ?? imageBytes(length);
  images.set(length, image);
  return image;
}

/** The text of `GET /latin1`, sent in ISO-8859-1. */
export const latin1Text = 'Grüße, ça va?';
