import classes from './EarthMap.module.css';
import { attributionOf, type Tiles, tilesOf } from './tiles';
import type { Size, View } from './view';

interface Props {
  readonly tiles: Tiles;
  readonly view: View;
  readonly size: Size;
}

/** Images below the map. Their owner is told the origin of this page, as some of them want, and nothing else of it. */
export function TileLayer({ tiles, view, size }: Props) {
  if (tiles.tiles === null) return null;
  return (
    <div className={classes.tiles} aria-hidden>
      {tilesOf(view, size, tiles.tiles, tiles.max_zoom).map(({ address, left, top, width, height }) => (
        <img
          key={address}
          src={address}
          alt=""
          referrerPolicy="strict-origin"
          draggable={false}
          style={{ left, top, width, height }}
        />
      ))}
    </div>
  );
}

/** Whose they are. */
export function Attribution({ tiles }: Pick<Props, 'tiles'>) {
  if (tiles.tiles === null || tiles.attribution === '') return null;
  return (
    <div className={classes.attribution}>
      {attributionOf(tiles.attribution).map(({ text, isAddress }) =>
        isAddress ? (
          <a key={text} href={text} target="_blank" rel="noreferrer">
            {text.replace(/^https?:\/\//, '')}
          </a>
        ) : (
          text
        ),
      )}
    </div>
  );
}
