declare module 'parse-prometheus-text-format' {
  interface Sample {
    readonly value?: string;
    /** Of a histogram: how many values it has counted. */
    readonly count?: string;
    readonly sum?: string;
    /** How many values are not above each bound. */
    readonly buckets?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  }

  interface Family {
    readonly name: string;
    readonly metrics: readonly Sample[];
  }

  /** Throws for what is not Prometheus's text format. */
  export default function parsePrometheusTextFormat(text: string): readonly Family[];
}
