import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { afterRefusal, freshAuthorization, renewalTime } from '@/api/access';
import { useMay } from '@/api/me';
import { useSession } from '@/api/session';
import { type FeedEvent, LiveFeed, type Socket, type Wish } from './feed';

const Context = createContext<LiveFeed | null>(null);

/** Keeps one live feed for whoever is signed in and may hear it; a renewed token does not interrupt it. */
export function FeedProvider({ children }: { readonly children: ReactNode }) {
  const { session } = useSession();
  const id = session?.id;
  const may = useMay()('telemetry:read');
  const [feed, setFeed] = useState<LiveFeed | null>(null);
  const [reopened, setReopened] = useState(0);
  useEffect(() => {
    if (!id || !may) return;
    let used: string | null = null;
    const opened = new LiveFeed({
      authorization: async () => (used = await freshAuthorization()),
      connect: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`) as Socket,
      // The session is over, or has a new token with which the feed begins again.
      refused: () => {
        if (used)
          afterRefusal(used).then(
            (next) => next && setReopened((times) => times + 1),
            () => undefined,
          );
      },
    });
    const online = () => opened.retryNow();
    window.addEventListener('online', online);
    setFeed(opened);
    return () => {
      window.removeEventListener('online', online);
      opened.close();
      setFeed(null);
    };
  }, [id, may, reopened]);
  const authorization = session?.authorization;
  useEffect(() => {
    if (authorization) feed?.authorizeAgain(authorization);
  }, [feed, authorization]);
  const renewAt = session?.renewal ? renewalTime(session.renewal) : null;
  useEffect(() => {
    if (!feed || renewAt === null) return;
    // The platform ends a feed with its token, also on a page that asks for nothing else.
    const timer = setTimeout(() => void freshAuthorization().catch(() => {}), Math.max(0, renewAt - Date.now()));
    return () => clearTimeout(timer);
  }, [feed, renewAt]);
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

/** Null when there is no feed to listen to. */
export function useFeedStatus() {
  const feed = useContext(Context);
  return useSyncExternalStore(feed?.watchStatus ?? never, feed?.status ?? none);
}

const none = () => null;
