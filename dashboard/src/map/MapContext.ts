import { createContext, useContext } from 'react';
import type { Place } from './earth';
import type { Spot } from './view';

/** What the parts of a map need of it. */
export interface OnMap {
  readonly spotOf: (place: Place) => Spot;
  /** The place below a pointer, given as the browser gives it. */
  readonly placeAt: (pointer: { readonly clientX: number; readonly clientY: number }) => Place;
  /** Whether a spot is within the drawing, or just outside of it. */
  readonly isSeen: (spot: Spot) => boolean;
  /** Goes closer to a place. */
  readonly approach: (place: Place) => void;
  /** The place that lies so many pixels away. */
  readonly beside: (place: Place, right: number, down: number) => Place;
}

const Context = createContext<OnMap | null>(null);
export const MapProvider = Context.Provider;

export function useMap(): OnMap {
  const map = useContext(Context);
  if (!map) throw new Error('this is drawn outside of a map');
  return map;
}
