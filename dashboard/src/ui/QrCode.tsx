import encodeQR from 'qr';

interface Props {
  readonly text: string;
  /** What it is, for whoever cannot see it. */
  readonly label: string;
}

/** A QR code, dark on light in every colour scheme, because not all cameras read it the other way round. */
export function QrCode({ text, label }: Props) {
  const rows = encodeQR(text, 'raw', { border: 3 });
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg viewBox={`0 0 ${rows.length} ${rows.length}`} width={208} height={208} role="img" aria-label={label}>
      <rect width="100%" height="100%" rx="1.5" fill="#ffffff" />
      <path d={path} fill="#000000" shapeRendering="crispEdges" />
    </svg>
  );
}
