import { expect, test } from 'vitest';
import { objectUrl } from '../../../../adapter/fetch/s3/object-url.ts';

test.each([
  ["Amazon's own, in the region", undefined, 'pictures', 'https://pictures.s3.eu-west-1.amazonaws.com/a/b.png'],
  ["Amazon's own, with dots", undefined, 'my.pictures', 'https://s3.eu-west-1.amazonaws.com/my.pictures/a/b.png'],
  [
    'IBM',
    'https://s3.eu-de.cloud-object-storage.appdomain.cloud',
    'pictures',
    'https://s3.eu-de.cloud-object-storage.appdomain.cloud/pictures/a/b.png',
  ],
  [
    'Tencent',
    'https://cos.ap-chengdu.myqcloud.com',
    'pictures-1253970026',
    'https://pictures-1253970026.cos.ap-chengdu.myqcloud.com/a/b.png',
  ],
  ['a server of our own', 'http://minio:9000/', 'pictures', 'http://minio:9000/pictures/a/b.png'],
  ['one below a path', 'http://gateway/s3', 'pictures', 'http://gateway/s3/pictures/a/b.png'],
])('an object of %s', (_title, endpoint, bucket, url) => {
  const base = endpoint === undefined ? undefined : new URL(endpoint);
  expect(objectUrl({ bucket, key: 'a/b.png', name: '' }, base, 'eu-west-1').href).toBe(url);
});
