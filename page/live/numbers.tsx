/** A row of numbers in large type. */
export function Numbers({ values }: { values: Readonly<Record<string, string>> }) {
  return (
    <dl class="numbers">
      {Object.entries(values).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
