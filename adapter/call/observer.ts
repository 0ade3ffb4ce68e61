/** Called for each call, for metrics. */
export interface CallObserver {
  began(): void;
  ended(call: ObservedCall): void;
}

/** A call that has ended. */
export interface ObservedCall {
  /** The status that the caller got. */
  readonly status: number;
  /** From the platform's event to the reply's last byte. */
  readonly milliseconds: number;
  /** The model server's share of them. */
  readonly modelMilliseconds: number;
  /** Bytes of the request's body, as far as they are known. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}
