import { z } from 'zod';
import { HttpError, invalidInput } from './errors.ts';
import { fetchImage } from './fetch-image.ts';

const dataUrl = /^data:[^,]*;base64,/;

/** Forms send both members, an empty one as "". */
const unlessEmpty = z.string().transform((text) => (text === '' ? undefined : text));

const body = z
  .object({
    image_base64: unlessEmpty
      .transform((text) => text?.replace(dataUrl, '').replaceAll(/\s/g, ''))
      .pipe(z.base64().min(1).optional())
      .optional(),
    image_url: unlessEmpty.optional(),
  })
  .refine((value) => (value.image_base64 === undefined) !== (value.image_url === undefined), {
    error: 'Exactly one of image_base64 and image_url is expected',
  });

/** The image in the JSON body of `POST /ai`, or at its URL. */
export async function imageOfJson(json: unknown, allowHosts: ReadonlySet<string>): Promise<Buffer> {
  if (json === undefined) {
    throw new HttpError(400, 'A JSON body with content-type application/json is expected');
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) {
    throw invalidInput(Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message])));
  }
  const { image_base64: base64 = '', image_url: url } = parsed.data;
  return url === undefined ? Buffer.from(base64, 'base64') : fetchImage(url, allowHosts);
}
