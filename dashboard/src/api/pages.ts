import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

/** A list that is read page by page, as far as somebody has asked for it. */
export interface Pages<T> {
  readonly rows: readonly T[];
  readonly isPending: boolean;
  readonly failure: Error | null;
  readonly retry: () => void;
  /** Reads the next page; null on the last one. */
  readonly more: (() => void) | null;
  readonly isFetchingMore: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next one begins; null on the last one. */
  readonly next: string | null;
}

/** Rows of a page. Most platforms have fewer users, roles or tokens than this. */
export const PAGE_SIZE = 500;

export function usePages<T>(
  queryKey: QueryKey,
  read: (cursor: string | undefined) => Promise<Page<T>>,
  options: { readonly enabled?: boolean; readonly refetchInterval?: number } = {},
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: options.enabled,
    refetchInterval: options.refetchInterval,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending && query.fetchStatus !== 'idle',
    failure: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    isFetchingMore: query.isFetchingNextPage,
  };
}
