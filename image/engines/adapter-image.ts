import type { ModelRow } from '../../core/row.ts';
import { adapterEntrypoint } from './wrap-config.ts';

/** Last part of the name of the image that contains only the adapter. */
export const adapterRepository = 'modelwhisk';

/** What `docker inspect` shows of it. */
export const adapterImageLabels = {
  'org.opencontainers.image.title': 'modelwhisk',
  'org.opencontainers.image.description': 'An adapter for model servers, to be copied into their images',
} as const;

/**
 * The lines that make any image a function, for the end of its Dockerfile.
 *
 * @param image reference of the adapter's image
 * @param command for the image's CMD, which starts the model server. Undefined if the row starts it, or nothing does
 */
export function dockerfileLines(
  image: string,
  row: ModelRow,
  { usesBaseNode, command }: { readonly usesBaseNode: boolean; readonly command: readonly string[] | undefined },
): readonly string[] {
  return [
    `COPY --from=${image} / /`,
    `ENV MODELWHISK_MODEL=${dockerWord(JSON.stringify(described(row)))}`,
    'EXPOSE 8080',
    `ENTRYPOINT ${JSON.stringify(adapterEntrypoint(row, { usesBaseNode }))}`,
    ...(command === undefined ? [] : [`CMD ${JSON.stringify(command)}`]),
  ];
}

/** The row without the keys that a container does not need, and without an empty list that the schema adds. */
function described({ images: _images, template: _template, memory: _memory, ...row }: ModelRow): Partial<ModelRow> {
  const { routes, ...others } = row;
  return routes.length === 0 ? others : row;
}

/** Quotes a text as one word of a Dockerfile. Only these three characters are special inside its double quotes. */
export function dockerWord(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, String.raw`\$&`)}"`;
}
