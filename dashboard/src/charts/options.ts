import uPlot from 'uplot';

/** A span of time that is marked behind the line, in milliseconds. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

interface Look {
  readonly width: number;
  readonly height: number;
  readonly color: string;
  readonly group: string;
  readonly text: string;
  readonly grid: string;
  /** Seconds. */
  readonly span: () => [number, number];
  readonly marks: () => readonly Mark[];
  /** A height that matters, such as a rule's threshold. */
  readonly level: () => number | null;
  /** Of the level's line. */
  readonly accent: string;
  /** Where the plot begins and how wide it is, in pixels of the page. */
  readonly onPlace: (left: number, width: number) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onCursor: (index: number | null) => void;
}

const FONT = "11px 'IBM Plex Sans Variable', system-ui, sans-serif";
/** A drag shorter than this, in pixels, is a click that slipped. */
const SHORTEST_DRAG = 6;

export function chartOptions(look: Look): uPlot.Options {
  return {
    width: look.width,
    height: look.height,
    padding: [10, 10, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: look.group },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, fill: look.color, one: true },
    },
    scales: { x: { range: () => look.span() }, y: { range: (_, low, high) => roomy(low, high, look.level()) } },
    axes: [
      {
        font: FONT,
        stroke: look.text,
        grid: { show: false },
        ticks: { show: false },
        border: { show: true, stroke: look.grid, width: 1 },
        size: 34,
        space: 70,
        values: TIMES,
      },
      {
        font: FONT,
        stroke: look.text,
        grid: { stroke: look.grid, width: 1 },
        ticks: { show: false },
        border: { show: false },
        size: yWidth,
        space: 36,
        gap: 6,
      },
    ],
    series: [
      {},
      { stroke: look.color, width: 1.6, points: { show: sparse, size: 5, fill: look.color } },
      { stroke: 'transparent', width: 0, points: { show: false } },
      { stroke: 'transparent', width: 0, points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: `${look.color}26` }],
    hooks: {
      drawClear: [(chart) => drawMarks(chart, look.marks()), (chart) => drawLevel(chart, look.level(), look.accent)],
      draw: [({ bbox }) => look.onPlace(bbox.left / uPlot.pxRatio, bbox.width / uPlot.pxRatio)],
      setCursor: [(chart) => look.onCursor(chart.cursor.idx ?? null)],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width >= SHORTEST_DRAG) look.onZoom(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'));
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Each mark as wide as its time, and at least as wide as can be seen. */
function drawMarks(chart: uPlot, marks: readonly Mark[]) {
  const { ctx, bbox } = chart;
  ctx.save();
  for (const { from, to, color } of marks) {
    const left = Math.max(chart.valToPos(from / 1000, 'x', true), bbox.left);
    const right = Math.min(chart.valToPos(to / 1000, 'x', true), bbox.left + bbox.width);
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.fillStyle = `${color}2e`;
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
    ctx.fillStyle = color;
    ctx.fillRect(left, bbox.top, 2, bbox.height);
  }
  ctx.restore();
}

/** A little air above and below; a line that never moves lies in the middle. What matters is in the picture. */
function roomy(lowest: number | null, highest: number | null, level: number | null): [number, number] {
  if (lowest === null || highest === null) return [0, 1];
  const low = Math.min(lowest, level ?? lowest);
  const high = Math.max(highest, level ?? highest);
  const room = high > low ? (high - low) * 0.12 : Math.max(Math.abs(high) * 0.02, 0.6);
  return [low - room, high + room];
}

function drawLevel(chart: uPlot, level: number | null, color: string) {
  if (level === null) return;
  const { ctx, bbox } = chart;
  const y = chart.valToPos(level, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 5]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** As wide as its longest number. */
function yWidth(_: uPlot, values: string[] | null): number {
  const longest = Math.max(3, ...(values ?? []).map((value) => value.length));
  return 12 + longest * 6.6;
}

/** Points are marked where few were measured; on a dense line they would only thicken it. */
function sparse(chart: uPlot, _series: number, from: number, to: number): boolean {
  return to - from < chart.width / 24;
}

/** Hours to 24, and the date below where the day begins. */
const TIMES: uPlot.Axis.Values = [
  [3600 * 24 * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [3600 * 24 * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [3600 * 24, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
  [0.001, '{ss}.{fff}', '\n{D} {MMM} {HH}:{mm}', null, '\n{D} {MMM} {HH}:{mm}', null, '\n{HH}:{mm}', null, 1],
];
