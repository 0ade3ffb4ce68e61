interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * Whether a reply is that of OpenWhisk's controller to a web action whose container failed: it could not start, or
 * ended during its first call. The invoker itself repeats a container's later calls (ContainerProxy.scala,
 * `rescheduleJob`). A retry gets another container.
 */
export function isContainerFailure({ status, body }: Reply): boolean {
  return status === 400 && isFromController(body, 'There was an error processing your request.');
}

/** Whether a reply says that the activation still runs: the controller waits for a minute (WebActions.scala). */
export function isNotReady({ status, body }: Reply): boolean {
  return status === 202 && isFromController(body, 'Response not yet ready.');
}

/** The controller adds the transaction's id to its own errors (ErrorResponse.scala). */
function isFromController(body: Buffer, message: string): boolean {
  if (body.length > 1000) return false;
  try {
    const value: unknown = JSON.parse(body.toString());
    return (
      typeof value === 'object' && value !== null && 'error' in value && 'code' in value && value.error === message
    );
  } catch {
    return false;
  }
}
