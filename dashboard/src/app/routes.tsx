import { createBrowserRouter, Navigate } from 'react-router';
import { FailedPage } from './FailedPage';
import { MissingPage } from './MissingPage';
import { Shell } from './Shell';
import { SignedIn } from './SignedIn';

/**
 * Every page, each its own bundle. The platform answers these paths with index.html, so none may begin like one of its
 * own: /api, /health, /metrics, /stats, /docs, /openapi.yaml, /ws, /assets.
 */
export const router = createBrowserRouter([
  {
    path: '/sign-in',
    errorElement: <FailedPage />,
    lazy: async () => ({ Component: (await import('@/features/signin/SignInPage')).SignInPage }),
  },
  {
    element: (
      <SignedIn>
        <Shell />
      </SignedIn>
    ),
    errorElement: <FailedPage />,
    hydrateFallbackElement: <div />,
    children: [
      {
        errorElement: <FailedPage />,
        children: [
          { index: true, element: <Navigate to="/overview" replace /> },
          {
            path: 'overview',
            lazy: async () => ({ Component: (await import('@/features/overview/OverviewPage')).OverviewPage }),
          },
          {
            path: 'devices',
            lazy: async () => ({ Component: (await import('@/features/devices/DevicesPage')).DevicesPage }),
          },
          {
            path: 'devices/:device',
            lazy: async () => ({ Component: (await import('@/features/device/DevicePage')).DevicePage }),
          },
          {
            path: 'system',
            lazy: async () => ({ Component: (await import('@/features/system/SystemPage')).SystemPage }),
          },
          { path: '*', element: <MissingPage /> },
        ],
      },
    ],
  },
]);
