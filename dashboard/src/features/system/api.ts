import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Health } from '@/api/provisional';

export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: () => call<Health>('GET', '/health', { query: { detailed: true } }),
    refetchInterval: 5_000,
  });
}
