import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import { PERMISSIONS } from '@/api/me';
import { theme } from '@/theme/theme';

/** Shows pages as the app does, at an address, without the network. */
export function show(pages: Record<string, ReactNode>, address: string) {
  const router = createMemoryRouter(
    Object.entries(pages).map(([path, element]) => ({ path, element })),
    { initialEntries: [address] },
  );
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const shown = render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...shown, router };
}

/** Who asks, unless a test says otherwise: somebody who may do everything. */
export const ME = { name: 'admin', role: 'admin', organization_id: 1, permissions: [...PERMISSIONS] };

/** What the pretend platform answers, by method and path; anything else is 404. Answers what was asked, in order. */
export function platform(answers: Record<string, (request: Request) => Response | Promise<Response>>) {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request.clone());
    const call = `${request.method} ${new URL(request.url).pathname}`;
    const answer = answers[call] ?? (call === 'GET /api/v1/auth/me' ? () => json(ME) : undefined);
    return answer ? answer(request) : json({ title: 'Not found', detail: request.url }, 404);
  });
  return asked;
}

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
