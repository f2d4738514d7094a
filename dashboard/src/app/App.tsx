import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { queryClient } from '@/api/query';
import { FeedProvider } from '@/live/FeedContext';
import { theme } from '@/theme/theme';
import { ROUTES } from './routes';

const router = createBrowserRouter(ROUTES);

/** Mantine's variables come from theme/sheet.ts: what it would write into the page itself is forbidden. */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <FeedProvider>
          <RouterProvider router={router} />
        </FeedProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
