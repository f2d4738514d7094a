import { useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { placeOf, type Size, spotOf, type View } from './view';

export type Tiles = Schemas['MapTiles'];

/** What the operator has put under the maps; nothing until that is known, and where it is none. */
export const useTiles = () =>
  useQuery({
    queryKey: ['map-tiles'],
    queryFn: () => answerOf(api.GET('/api/v1/map/tiles')),
    staleTime: Infinity,
    retry: false,
  }).data;

export interface Tile {
  readonly address: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** As wide as a tile is drawn best, in pixels. */
const WIDTH = 256;
/** Tiles of one view at the most; a coarser zoom has fewer. */
const MOST = 120;
/** Where Web Mercator ends. */
const NORTHERNMOST = 85.0511;
/**
 * Tiles are cut in Web Mercator, and the map is one of degrees. Each is stretched to its corners, which are right; what
 * lies between is off by less than a fiftieth of a tile from this zoom on. Before it smaller ones are taken.
 */
const STRAIGHT = 5;

/** The tiles that are seen, each with where it is drawn. */
export function tilesOf(view: View, size: Size, template: string, maxZoom: number): readonly Tile[] {
  const degrees = placeOf({ x: WIDTH, y: 0 }, view, size).longitude - placeOf({ x: 0, y: 0 }, view, size).longitude;
  const fitting = Math.round(Math.log2(360 / degrees));
  const wished = Math.max(0, Math.min(maxZoom, fitting < STRAIGHT ? fitting + 1 : fitting));
  for (let zoom = wished; zoom >= 0; zoom--) {
    const range = rangeOf(view, size, 2 ** zoom);
    if (range.columns.length * range.rows.length <= MOST) {
      return range.rows.flatMap((row) => range.columns.map((column) => tile(view, size, template, zoom, column, row)));
    }
  }
  return [];
}

function rangeOf(view: View, size: Size, side: number) {
  const upperLeft = placeOf({ x: 0, y: 0 }, view, size);
  const lowerRight = placeOf({ x: size.width, y: size.height }, view, size);
  const columnAt = (longitude: number) => ((longitude + 180) / 360) * side;
  return {
    columns: between(columnAt(upperLeft.longitude), columnAt(lowerRight.longitude), side),
    rows: between(rowAt(upperLeft.latitude, side), rowAt(lowerRight.latitude, side), side),
  };
}

function between(from: number, to: number, side: number): readonly number[] {
  const first = Math.max(0, Math.floor(from));
  const last = Math.min(side - 1, Math.ceil(to) - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
}

function rowAt(latitude: number, side: number): number {
  const bounded = Math.max(-NORTHERNMOST, Math.min(NORTHERNMOST, latitude));
  const radians = (bounded * Math.PI) / 180;
  return ((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * side;
}

const latitudeOf = (row: number, side: number) =>
  (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / side))) * 180) / Math.PI;

function tile(view: View, size: Size, template: string, zoom: number, column: number, row: number): Tile {
  const side = 2 ** zoom;
  const corner = (x: number, y: number) =>
    spotOf({ longitude: (x / side) * 360 - 180, latitude: latitudeOf(y, side) }, view, size);
  const [from, to] = [corner(column, row), corner(column + 1, row + 1)];
  // Whole pixels, or seams would be seen between them.
  const [left, top] = [Math.round(from.x), Math.round(from.y)];
  return {
    address: template.replaceAll('{z}', String(zoom)).replaceAll('{x}', String(column)).replaceAll('{y}', String(row)),
    left,
    top,
    width: Math.round(to.x) - left,
    height: Math.round(to.y) - top,
  };
}

/** What is said beside tiles, its addresses apart from the rest. */
export const attributionOf = (text: string): readonly { readonly text: string; readonly isAddress: boolean }[] =>
  text
    .split(/(https?:\/\/[^\s,<>"]+)/)
    .map((part, at) => ({ text: part, isAddress: at % 2 === 1 }))
    .filter((part) => part.text !== '');
