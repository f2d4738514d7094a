interface Props {
  readonly values: readonly number[];
  readonly height?: number;
}

const WIDTH = 200;

/** The shape of the last while; the number beside it says the rest. */
export function Sparkline({ values, height = 36 }: Props) {
  const top = Math.max(...values, 0) || 1;
  const step = WIDTH / Math.max(values.length - 1, 1);
  const points = values.map(
    (value, i) => `${(i * step).toFixed(1)},${(height - 3 - (value / top) * (height - 6)).toFixed(1)}`,
  );
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} width="100%" height={height} preserveAspectRatio="none" aria-hidden>
      {points.length > 1 && (
        <>
          <polygon points={`0,${height} ${points.join(' ')} ${WIDTH},${height}`} fill="var(--good)" opacity={0.1} />
          <polyline
            points={points.join(' ')}
            fill="none"
            stroke="var(--good)"
            strokeWidth={1.6}
            vectorEffect="non-scaling-stroke"
            strokeLinejoin="round"
          />
        </>
      )}
    </svg>
  );
}
