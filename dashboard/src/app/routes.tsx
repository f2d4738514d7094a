import type { RouteObject } from 'react-router';
import type { Permission } from '@/api/me';
import { Allowed, FirstPage } from './Allowed';
import { FailedPage } from './FailedPage';
import { MissingPage } from './MissingPage';
import { Shell } from './Shell';
import { SignedIn } from './SignedIn';

/** Pages for whoever has the permission. */
const whoMay = (need: Permission, children: RouteObject[]): RouteObject => ({
  element: <Allowed need={need} />,
  children,
});

/**
 * Every page, each its own bundle. The platform answers these paths with index.html, so none may begin like one of its
 * own: /api, /health, /metrics, /stats, /docs, /openapi.yaml, /ws, /assets.
 */
export const ROUTES: RouteObject[] = [
  {
    path: '/sign-in',
    errorElement: <FailedPage />,
    hydrateFallbackElement: <div />,
    lazy: async () => ({ Component: (await import('@/features/signin/SignInPage')).SignInPage }),
  },
  {
    path: '/sign-in/oidc',
    errorElement: <FailedPage />,
    hydrateFallbackElement: <div />,
    lazy: async () => ({ Component: (await import('@/features/signin/ProviderReturnPage')).ProviderReturnPage }),
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
          { index: true, element: <FirstPage /> },
          whoMay('devices:read', [
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
              path: 'device-types',
              lazy: async () => ({ Component: (await import('@/features/types/TypesPage')).TypesPage }),
            },
            {
              path: 'device-types/:type',
              lazy: async () => ({ Component: (await import('@/features/types/TypePage')).TypePage }),
            },
            {
              path: 'drift',
              lazy: async () => ({ Component: (await import('@/features/drift/DriftPage')).DriftPage }),
            },
            {
              path: 'groups',
              lazy: async () => ({ Component: (await import('@/features/groups/GroupsPage')).GroupsPage }),
            },
            {
              path: 'groups/:group',
              lazy: async () => ({ Component: (await import('@/features/groups/GroupPage')).GroupPage }),
            },
            {
              path: 'certificates',
              lazy: async () => ({
                Component: (await import('@/features/certificates/CertificatesPage')).CertificatesPage,
              }),
            },
            {
              path: 'provisioning-keys',
              lazy: async () => ({
                Component: (await import('@/features/provisioning/ProvisioningPage')).ProvisioningPage,
              }),
            },
          ]),
          whoMay('devices:write', [
            {
              path: 'device-types/new',
              lazy: async () => ({ Component: (await import('@/features/types/TypePage')).NewTypePage }),
            },
          ]),
          whoMay('firmware:read', [
            {
              path: 'firmware',
              lazy: async () => ({ Component: (await import('@/features/firmware/FirmwarePage')).FirmwarePage }),
            },
            {
              path: 'firmware/:firmware',
              lazy: async () => ({ Component: (await import('@/features/firmware/ImagePage')).ImagePage }),
            },
            {
              path: 'rollouts',
              lazy: async () => ({ Component: (await import('@/features/rollouts/RolloutsPage')).RolloutsPage }),
            },
            {
              path: 'rollouts/:rollout',
              lazy: async () => ({ Component: (await import('@/features/rollouts/RolloutPage')).RolloutPage }),
            },
          ]),
          whoMay('rollouts:write', [
            {
              path: 'rollouts/new',
              lazy: async () => ({ Component: (await import('@/features/rollouts/NewRolloutPage')).NewRolloutPage }),
            },
          ]),
          whoMay('telemetry:read', [
            { path: 'map', lazy: async () => ({ Component: (await import('@/features/map/MapPage')).MapPage }) },
          ]),
          whoMay('alerts:read', [
            {
              path: 'alerts',
              lazy: async () => ({ Component: (await import('@/features/alerts/AlertsPage')).AlertsPage }),
            },
            {
              path: 'alerts/:alert',
              lazy: async () => ({ Component: (await import('@/features/alerts/AlertPage')).AlertPage }),
            },
          ]),
          whoMay('channels:read', [
            {
              path: 'channels',
              lazy: async () => ({ Component: (await import('@/features/channels/ChannelsPage')).ChannelsPage }),
            },
          ]),
          whoMay('rules:read', [
            {
              path: 'rules',
              lazy: async () => ({ Component: (await import('@/features/rules/RulesPage')).RulesPage }),
            },
            {
              path: 'rules/:rule',
              lazy: async () => ({ Component: (await import('@/features/rules/RulePage')).RulePage }),
            },
            {
              path: 'geofences',
              lazy: async () => ({ Component: (await import('@/features/geofences/GeofencesPage')).GeofencesPage }),
            },
            {
              path: 'geofences/:geofence',
              lazy: async () => ({ Component: (await import('@/features/geofences/GeofencePage')).GeofencePage }),
            },
            {
              path: 'processing-rules',
              lazy: async () => ({
                Component: (await import('@/features/processing/ProcessingRulesPage')).ProcessingRulesPage,
              }),
            },
            {
              path: 'processing-rules/:rule',
              lazy: async () => ({
                Component: (await import('@/features/processing/ProcessingRulePage')).ProcessingRulePage,
              }),
            },
          ]),
          whoMay('rules:write', [
            {
              path: 'rules/new',
              lazy: async () => ({ Component: (await import('@/features/rules/RulePage')).NewRulePage }),
            },
            {
              path: 'rules/templates',
              lazy: async () => ({ Component: (await import('@/features/rules/TemplatesPage')).TemplatesPage }),
            },
            {
              path: 'geofences/new',
              lazy: async () => ({ Component: (await import('@/features/geofences/GeofencePage')).NewGeofencePage }),
            },
            {
              path: 'processing-rules/new',
              lazy: async () => ({
                Component: (await import('@/features/processing/ProcessingRulePage')).NewProcessingRulePage,
              }),
            },
          ]),
          whoMay('users:read', [
            {
              path: 'users',
              lazy: async () => ({ Component: (await import('@/features/users/UsersPage')).UsersPage }),
            },
            {
              path: 'roles',
              lazy: async () => ({ Component: (await import('@/features/roles/RolesPage')).RolesPage }),
            },
          ]),
          whoMay('organizations:read', [
            {
              path: 'organizations',
              lazy: async () => ({
                Component: (await import('@/features/organizations/OrganizationsPage')).OrganizationsPage,
              }),
            },
          ]),
          whoMay('tokens:read', [
            {
              path: 'tokens',
              lazy: async () => ({ Component: (await import('@/features/tokens/TokensPage')).TokensPage }),
            },
          ]),
          whoMay('audit:read', [
            {
              path: 'audit',
              lazy: async () => ({ Component: (await import('@/features/audit/AuditPage')).AuditPage }),
            },
            {
              path: 'audit/:entry',
              lazy: async () => ({ Component: (await import('@/features/audit/EntryPage')).EntryPage }),
            },
          ]),
          {
            path: 'account',
            lazy: async () => ({ Component: (await import('@/features/account/AccountPage')).AccountPage }),
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
];
