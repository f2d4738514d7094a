import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { signOut, useSession } from '@/api/session';
import { type FeedEvent, LiveFeed, type Socket, type Wish } from './feed';

const Context = createContext<LiveFeed | null>(null);

/** Keeps one live feed for whoever is signed in. */
export function FeedProvider({ children }: { readonly children: ReactNode }) {
  const authorization = useSession().session?.authorization;
  const [feed, setFeed] = useState<LiveFeed | null>(null);
  useEffect(() => {
    if (!authorization) return;
    const opened = new LiveFeed({
      authorization,
      connect: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`) as Socket,
      refused: () => signOut('The platform no longer accepts this credential. Sign in again.'),
    });
    const online = () => opened.retryNow();
    window.addEventListener('online', online);
    setFeed(opened);
    return () => {
      window.removeEventListener('online', online);
      opened.close();
    };
  }, [authorization]);
  return <Context.Provider value={feed}>{children}</Context.Provider>;
}

interface Handlers {
  event(event: FeedEvent): void;
  lagged?(dropped: number): void;
  resumed?(): void;
}

/** Listens while the component is shown. No wish, no listening. */
export function useFeed(wish: Wish | null, handlers: Handlers) {
  const feed = useContext(Context);
  const newest = useRef(handlers);
  useEffect(() => {
    newest.current = handlers;
  });
  const key = wish && JSON.stringify(wish);
  useEffect(() => {
    if (!feed || !key) return;
    return feed.listen(JSON.parse(key) as Wish, {
      event: (event) => newest.current.event(event),
      lagged: (dropped) => newest.current.lagged?.(dropped),
      resumed: () => newest.current.resumed?.(),
    });
  }, [feed, key]);
}

const never = () => () => {};

export function useFeedStatus() {
  const feed = useContext(Context);
  return useSyncExternalStore(feed?.watchStatus ?? never, feed?.status ?? (() => 'idle' as const));
}
