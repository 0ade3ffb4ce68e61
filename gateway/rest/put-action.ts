import { totalmem } from 'node:os';
import { parseReference } from '../../core/reference.ts';
import { createAction, type Action, type ActionLimits } from '../action.ts';
import type { InstanceSource } from '../instance-source.ts';
import type { Controller } from '../controller.ts';
import { Rejection, messages, restError } from '../errors.ts';
import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import type { JsonObject } from '../json/json.ts';
import { nextVersion } from '../package.ts';
import { actionDocument } from './action-document.ts';
import { RestParameters } from './parameters.ts';
import { type ActionBody, readActionBody } from './put-body.ts';

/**
 * Creates an action, or with `overwrite` changes the existing one. Parts that are missing in the request stay unchanged
 * (Actions.scala, `create`). The image is neither pulled nor checked before the first call.
 *
 * @param path [action], or [package, action] of an existing package
 */
export function putAction(request: GatewayRequest, controller: Controller, path: readonly string[]): Reply {
  const { entities, options } = controller;
  const { transaction } = request;
  const overwrite = new RestParameters(request).boolean('overwrite');
  const body = readActionBody(request);
  const name = path.join('/');
  if (path.length === 1 && entities.package(name) !== undefined) {
    return restError(409, transaction, messages.conformance);
  }
  const before = entities.action(name);
  if (before !== undefined && !overwrite) return restError(409, transaction, messages.alreadyExists);
  const source = body.exec === undefined ? before?.source : readSource(body.exec);
  if (source === undefined) return restError(400, transaction, 'exec undefined');
  const limits = { ...(before?.limits ?? options.defaultLimits), ...body.limits };
  checkLimits(limits);
  const changed = before ?? created(path, source);
  const action: Action = {
    ...changed,
    source,
    limits,
    // The model in another image is unknown.
    row: body.exec === undefined ? changed.row : undefined,
    version: body.version ?? (before === undefined ? changed.version : nextVersion(before.version)),
    updated: Date.now(),
    publish: body.publish ?? changed.publish,
    parameters: body.parameters ?? changed.parameters,
    annotations: annotationsOf(changed.annotations, body),
  };
  controller.putAction(action);
  return jsonReply(200, actionDocument(action, options.namespace));
}

/** By default the action is not a web action (Actions.scala, `amendAnnotations`). */
function created(path: readonly string[], source: InstanceSource): Action {
  const [name = '', packageName] = path.toReversed();
  const action = createAction({ name, source, ...(packageName !== undefined && { package: packageName }) });
  return { ...action, annotations: { 'provide-api-key': false } };
}

function annotationsOf(before: JsonObject, { annotations = [], delAnnotations = [] }: ActionBody): JsonObject {
  const merged = { ...before, ...Object.fromEntries(annotations.map(({ key, value }) => [key, value])) };
  const kept = Object.entries(merged).filter(([key]) => !delAnnotations.includes(key));
  return { ...Object.fromEntries(kept), exec: 'blackbox' };
}

function readSource({ kind, image, code = '', main }: NonNullable<ActionBody['exec']>): InstanceSource {
  if (kind !== 'blackbox') {
    throw new Rejection(
      400,
      messages.malformedContent(
        `kind '${kind}' is not available: this gateway runs images, of kind 'blackbox' (wsk: --docker IMAGE)`,
      ),
    );
  }
  if (image === undefined) throw new Rejection(400, messages.malformedContent("'image' must be a string"));
  try {
    parseReference(image);
  } catch (cause) {
    throw new Rejection(400, messages.malformedContent('could not parse image name'), { cause });
  }
  const blank = code.trim() === '';
  return { kind: 'image', image, environment: {}, readOnly: false, code: blank ? undefined : code, main };
}

/** The limits of an OpenWhisk with the highest possible settings (MemoryLimit.scala and its neighbours). */
function checkLimits(limits: ActionLimits): void {
  const ranges: readonly [name: keyof ActionLimits, label: string, unit: string, least: number, most: number][] = [
    ['memory', 'memory size', ' MB', 128, Math.max(512, Math.floor(totalmem() / 2 ** 20))],
    ['timeout', 'timeout', ' milliseconds', 100, 300_000],
    ['logs', 'log size', ' MB', 0, 10],
    ['concurrency', 'concurrency', '', 1, 500],
    ['instances', 'instances', '', 1, 100],
  ];
  for (const [name, label, unit, least, most] of ranges) {
    const value = limits[name];
    const problem =
      value < least
        ? `below allowed threshold of ${least}${unit}`
        : value > most
          ? `exceeds allowed threshold of ${most}${unit}`
          : undefined;
    if (problem !== undefined) {
      throw new Rejection(400, messages.malformedContent(`${label} ${value}${unit} ${problem}`));
    }
  }
}
