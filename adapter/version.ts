/** The adapter's version. The bundler puts it in the place of the name (image/layers/bundle.ts). */
export const adapterVersion: string = typeof MODELWHISK_VERSION === 'string' ? MODELWHISK_VERSION : '0.0.0';

declare const MODELWHISK_VERSION: string | undefined;
