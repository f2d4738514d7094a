import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** What was refused is not asked again; what got no answer is, with growing waits. */
const worthAsking = (failures: number, failure: Error) =>
  failures < 3 && (!(failure instanceof Problem) || failure.status === 0 || failure.status === 503);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: worthAsking, staleTime: 5_000, gcTime: 5 * 60_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
