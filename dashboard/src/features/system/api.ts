import { useQuery } from '@tanstack/react-query';
import { api, type Schemas } from '@/api/client';
import { problemOf } from '@/api/problem';

export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: readHealth,
    refetchInterval: 5_000,
  });
}

/** An unhealthy platform answers 503 with the same report, which is what this page is for. */
async function readHealth(): Promise<Schemas['Health']> {
  const { data, error, response } = await api.GET('/health', { params: { query: { detailed: true } } });
  const report = (data ?? error) as Partial<Schemas['Health']> | undefined;
  if (typeof report?.status === 'string' && report.components) return report as Schemas['Health'];
  throw problemOf(response, error);
}
