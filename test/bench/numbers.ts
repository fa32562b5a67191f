/** Numbers as people read them. */

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

export const ms = (value: number) => (Number.isNaN(value) ? "–" : `${Math.round(value)} ms`);
export const seconds = (valueMs: number) =>
  Number.isNaN(valueMs) ? "–" : `${(valueMs / 1_000).toFixed(valueMs < 10_000 ? 2 : 1)} s`;
export const megabytes = (bytes: number | null) => (bytes === null ? "–" : `${Math.round(bytes / 1e6)} MB`);
export const kilobytes = (bytes: number) => `${Math.round(bytes / 1e3).toLocaleString("en")} kB`;
export const count = (value: number) => Math.round(value).toLocaleString("en");
export const percent = (part: number) => `${(part * 100).toFixed(1)} %`;

/** p50 and p99. */
export const spread = (values: readonly number[]) =>
  values.length === 0 ? "–" : `${ms(percentile(values, 0.5))}, ${ms(percentile(values, 0.99))}`;

/** The longest chain of calls of which each began after the one before had ended. */
export function serialDepth(calls: readonly { at: number; durationMs: number }[]): number {
  const ends = calls
    .map(({ at, durationMs }) => ({ at, end: at + durationMs }))
    .sort((a, b) => a.end - b.end);
  let depth = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { at, end } of ends) {
    if (at < free) continue;
    depth += 1;
    free = end;
  }
  return depth;
}
