/** Variables that a program needs to run and that hold no secrets. The gateway's own settings are not for the adapter. */
const passed =
  /^(PATH|PATHEXT|HOME|USERPROFILE|SYSTEMROOT|COMSPEC|TMPDIR|TMP|TEMP|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_V8_COVERAGE|MODELWHISK_(?!GATEWAY_)\w+)$/i;

/**
 * The part of the developer's environment that an action's process inherits. It does not get the keys for clouds and
 * registries, because callers of the action could make it use them.
 */
export function processEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && passed.test(entry[0]),
  );
  return Object.fromEntries(entries);
}
