import { IconActivityHeartbeat, IconDevices, IconLayoutDashboard } from '@tabler/icons-react';
import type { Permission } from '@/api/me';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: typeof IconDevices;
  /** Two keys in a row that go there. */
  readonly keys: string;
  /** Who lacks it is not shown the way; absent: everybody may go there. */
  readonly need?: Permission;
}

interface Section {
  readonly label: string | null;
  readonly pages: readonly Place[];
}

/** The navigation, in its order; the first page that somebody may see is where he begins. */
export const SECTIONS: readonly Section[] = [
  {
    label: null,
    pages: [
      { to: '/overview', label: 'Overview', icon: IconLayoutDashboard, keys: 'g o', need: 'devices:read' },
      { to: '/devices', label: 'Devices', icon: IconDevices, keys: 'g d', need: 'devices:read' },
    ],
  },
  {
    label: 'Platform',
    pages: [
      { to: '/system', label: 'Health', icon: IconActivityHeartbeat, keys: 'g h' },
    ],
  },
];

/** What is left of the navigation for somebody. */
export const sectionsFor = (may: (permission: Permission) => boolean): readonly Section[] =>
  SECTIONS.map(({ label, pages }) => ({ label, pages: pages.filter(({ need }) => !need || may(need)) })).filter(
    ({ pages }) => pages.length > 0,
  );
