import {
  IconActivityHeartbeat,
  IconAdjustmentsCheck,
  IconBell,
  IconBuilding,
  IconCertificate,
  IconCpu,
  IconDevices,
  IconFence,
  IconFileCheck,
  IconFilterCog,
  IconKey,
  IconLayoutDashboard,
  IconMap2,
  IconRocket,
  IconScale,
  IconSpeakerphone,
  IconStack2,
  IconTag,
  IconTicket,
  IconUsers,
  IconUserShield,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Permission } from '@/api/me';
import { OpenAlerts } from '@/features/alerts/AlertWatch';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: typeof IconKey;
  /** Two keys in a row that go there. */
  readonly keys: string;
  /** Who lacks it is not shown the way; absent: everybody may go there. */
  readonly need?: Permission;
  /** What stands beside its name on every page, such as how much waits there. */
  readonly badge?: ComponentType;
}

interface Section {
  readonly label: string | null;
  readonly pages: readonly Place[];
}

/** The keys of the one page that does not stand in the navigation. */
export const ACCOUNT_KEYS = 'g e';

/** The navigation, in its order; the first page that somebody may see is where he begins. */
export const SECTIONS: readonly Section[] = [
  {
    label: null,
    pages: [
      { to: '/overview', label: 'Overview', icon: IconLayoutDashboard, keys: 'g o', need: 'devices:read' },
      { to: '/devices', label: 'Devices', icon: IconDevices, keys: 'g d', need: 'devices:read' },
      { to: '/map', label: 'Map', icon: IconMap2, keys: 'g m', need: 'telemetry:read' },
      { to: '/device-types', label: 'Device types', icon: IconTag, keys: 'g y', need: 'devices:read' },
      { to: '/drift', label: 'Configuration drift', icon: IconAdjustmentsCheck, keys: 'g k', need: 'devices:read' },
      { to: '/groups', label: 'Groups', icon: IconStack2, keys: 'g g', need: 'devices:read' },
      { to: '/provisioning-keys', label: 'Provisioning keys', icon: IconTicket, keys: 'g p', need: 'devices:read' },
      { to: '/certificates', label: 'Certificates', icon: IconCertificate, keys: 'g c', need: 'devices:read' },
    ],
  },
  {
    label: 'Update',
    pages: [
      { to: '/firmware', label: 'Firmware', icon: IconCpu, keys: 'g v', need: 'firmware:read' },
      { to: '/rollouts', label: 'Rollouts', icon: IconRocket, keys: 'g l', need: 'firmware:read' },
    ],
  },
  {
    label: 'Watch',
    pages: [
      { to: '/alerts', label: 'Alerts', icon: IconBell, keys: 'g i', need: 'alerts:read', badge: OpenAlerts },
      { to: '/rules', label: 'Rules', icon: IconScale, keys: 'g w', need: 'rules:read' },
      { to: '/processing-rules', label: 'Processing rules', icon: IconFilterCog, keys: 'g f', need: 'rules:read' },
      { to: '/geofences', label: 'Geofences', icon: IconFence, keys: 'g z', need: 'rules:read' },
      { to: '/channels', label: 'Channels', icon: IconSpeakerphone, keys: 'g s', need: 'channels:read' },
    ],
  },
  {
    label: 'Access',
    pages: [
      { to: '/users', label: 'Users', icon: IconUsers, keys: 'g u', need: 'users:read' },
      { to: '/roles', label: 'Roles', icon: IconUserShield, keys: 'g r', need: 'users:read' },
      { to: '/organizations', label: 'Organizations', icon: IconBuilding, keys: 'g n', need: 'organizations:read' },
      { to: '/tokens', label: 'Service tokens', icon: IconKey, keys: 'g t', need: 'tokens:read' },
    ],
  },
  {
    label: 'Platform',
    pages: [
      { to: '/audit', label: 'Audit log', icon: IconFileCheck, keys: 'g a', need: 'audit:read' },
      { to: '/system', label: 'Health', icon: IconActivityHeartbeat, keys: 'g h' },
    ],
  },
];

/** What is left of the navigation for somebody. */
export const sectionsFor = (may: (permission: Permission) => boolean): readonly Section[] =>
  SECTIONS.map(({ label, pages }) => ({ label, pages: pages.filter(({ need }) => !need || may(need)) })).filter(
    ({ pages }) => pages.length > 0,
  );
