import { isObject } from '../json.ts';

/** Application settings of this prefix override host.json: `AzureFunctionsJobHost__extensions__http__routePrefix`. */
const prefix = 'AzureFunctionsJobHost__';

/**
 * host.json with the values that application settings give it (learn.microsoft.com: azure-functions/functions-host-json,
 * "Override host.json values"). A number as a name is the index of a list.
 */
export function applySettings(host: unknown, settings: Readonly<Record<string, string>>): unknown {
  return Object.entries(settings).reduce(
    (json, [name, value]) =>
      name.startsWith(prefix) ? replaced(json, name.slice(prefix.length).split('__'), value) : json,
    host,
  );
}

function replaced(json: unknown, [name, ...inner]: readonly string[], value: string): unknown {
  if (name === undefined) return typed(value);
  if (Array.isArray(json)) {
    const list: unknown[] = [...json];
    list[Number(name)] = replaced(list[Number(name)], inner, value);
    return list;
  }
  const members = isObject(json) ? json : {};
  return { ...members, [name]: replaced(members[name], inner, value) };
}

/** Settings are texts, and some members of host.json are numbers or truth values. */
function typed(value: string): unknown {
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return /^\d{1,9}$/.test(value) ? Number(value) : value;
}
