import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@/theme/global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router';
import { queryClient } from '@/api/query';
import { FeedProvider } from '@/live/FeedContext';
import { theme, variables } from '@/theme/theme';
import { router } from './routes';

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <FeedProvider>
          <RouterProvider router={router} />
        </FeedProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
