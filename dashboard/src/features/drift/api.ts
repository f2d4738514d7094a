import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';

export type Drifting = Schemas['ConfigurationDriftList']['devices'][number];

/** Devices that do not have the configuration that they should. */
export const useDrifting = () =>
  usePages(
    ['configuration drift'],
    async (cursor) => {
      const query = { limit: PAGE_SIZE, cursor };
      const { devices, next_cursor } = await answerOf(api.GET('/api/v1/configurations/drift', { params: { query } }));
      return { items: devices, next: next_cursor };
    },
    { refetchInterval: 15_000 },
  );
