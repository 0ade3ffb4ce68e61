/** The work that every contestant does: the same routes, the same bytes. */

/** Bytes in which every value occurs; stands for an image, of which no contestant looks inside. */
export function imageBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 7 + (index >> 8)) % 256;
  return bytes;
}

const images = new Map<number, Buffer>();

/** What `GET /image/<length>` answers with, made once. */
export function storedImage(length: number): Buffer {
  const image = images.get(length) ?? imageBytes(length);
  images.set(length, image);
  return image;
}

/** What `GET /latin1` answers with, in ISO-8859-1. */
export const latin1Text = 'Grüße, ça va?';
