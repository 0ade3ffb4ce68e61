/** The COS event of the documentation (cloud.tencent.com/document/product/583/9707), shortened. */
export function cosEvent(
  change: { bucket?: string; key?: string; url?: string; eventName?: string; appid?: unknown } = {},
): object {
  const { bucket = 'testpic', key, url, eventName = 'cos:ObjectCreated:Post', appid = '1253970026' } = change;
  return {
    Records: [
      {
        cos: {
          cosSchemaVersion: '1.0',
          cosObject: {
            url: url ?? 'http://testpic-1253970026.cos.ap-chengdu.myqcloud.com/testfile',
            meta: { 'x-cos-request-id': 'NWMxOWY4MGFfMjViMjU4NjRfMTUyMV8yNzhhZjM=', 'Content-Type': '' },
            vid: '',
            key: key ?? '/1253970026/testpic/testfile',
            size: 1029,
          },
          cosBucket: { region: 'cd', name: bucket, appid },
          cosNotificationId: 'unkown',
        },
        event: { eventName, eventVersion: '1.0', eventTime: 1545205770, eventSource: 'qcs::cos', reqid: 179398952 },
      },
    ],
  };
}
