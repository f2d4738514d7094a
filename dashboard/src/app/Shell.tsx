import { ActionIcon, AppShell, Burger, Group, NavLink, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivityHeartbeat,
  IconBook2,
  IconDevices,
  IconLayoutDashboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconSunMoon,
} from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { signOut } from '@/api/session';
import { Brand } from './Brand';
import classes from './Shell.module.css';
import { useShortcuts } from './shortcuts';

const PAGES = [
  { to: '/overview', label: 'Overview', icon: IconLayoutDashboard, keys: 'g o' },
  { to: '/devices', label: 'Devices', icon: IconDevices, keys: 'g d' },
  { to: '/system', label: 'Health', icon: IconActivityHeartbeat, keys: 'g h' },
] as const;

/** The frame around every page: navigation, colour scheme, the way out. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useShortcuts(Object.fromEntries(PAGES.map((page) => [page.keys, page.to])));
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 52, collapsed: false }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      layout="alt"
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <AppShell.Header hiddenFrom="sm">
        <Group h="100%" px="md" gap="sm">
          <Burger opened={opened} onClick={toggle} size="sm" color="var(--nav-text)" aria-label="Navigation" />
          <Brand />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Main">
        <Group px="md" h={64} justify="space-between">
          <Brand />
          <Burger
            opened={opened}
            onClick={toggle}
            size="sm"
            color="var(--nav-text)"
            hiddenFrom="sm"
            aria-label="Close navigation"
          />
        </Group>
        <div className={classes.links}>
          {PAGES.map(({ to, label, icon: Icon, keys }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={label}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
              rightSection={<kbd className={classes.keys}>{keys}</kbd>}
              active={pathname === to || pathname.startsWith(`${to}/`)}
              aria-current={pathname === to ? 'page' : undefined}
              classNames={{ root: classes.link }}
            />
          ))}
        </div>
        <Group className={classes.foot} justify="space-between">
          <ColorSchemeButton />
          <FootButton label="API reference" icon={IconBook2} href="/docs" />
          <FootButton label="Sign out" icon={IconLogout} onClick={() => signOut()} />
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </AppShell.Main>
      <ScrollRestoration />
    </AppShell>
  );
}

const SCHEMES = {
  auto: { next: 'light', icon: IconSunMoon, label: 'Colours as the system has them; switch to light' },
  light: { next: 'dark', icon: IconSun, label: 'Light; switch to dark' },
  dark: { next: 'auto', icon: IconMoon, label: 'Dark; switch to what the system has' },
} as const;

function ColorSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, icon, label } = SCHEMES[colorScheme];
  return <FootButton label={label} icon={icon} onClick={() => setColorScheme(next)} />;
}

interface FootProps {
  readonly label: string;
  readonly icon: typeof IconSun;
  readonly href?: string;
  readonly onClick?: () => void;
}

function FootButton({ label, icon: Icon, href, onClick }: FootProps) {
  const picture = <Icon size={18} stroke={1.6} />;
  return (
    <Tooltip label={label}>
      {href ? (
        <ActionIcon className={classes.footButton} component="a" href={href} aria-label={label} size="lg">
          {picture}
        </ActionIcon>
      ) : (
        <ActionIcon className={classes.footButton} onClick={onClick} aria-label={label} size="lg">
          {picture}
        </ActionIcon>
      )}
    </Tooltip>
  );
}
