import { ActionIcon, Burger, NavLink, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBook2, IconLogout, IconMoon, IconSun, IconSunMoon } from '@tabler/icons-react';
import { Fragment, useEffect } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { endSession } from '@/api/access';
import { roleWords, useMay, useMe } from '@/api/me';
import { Notifications } from '@/features/notifications/Notifications';
import { Brand } from './Brand';
import { ACCOUNT_KEYS, sectionsFor } from './pages';
import classes from './Shell.module.css';
import { useShortcuts } from './shortcuts';

/** The frame around every page: navigation, who is signed in, colour scheme, the way out. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const sections = sectionsFor(useMay());
  const pages = sections.flatMap((section) => section.pages);
  useShortcuts({ ...Object.fromEntries(pages.map(({ keys, to }) => [keys, to])), [ACCOUNT_KEYS]: '/account' });
  useEffect(close, [pathname, close]);
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <Burger opened={opened} onClick={toggle} size="sm" color="var(--nav-text)" aria-label="Navigation" />
        <Brand />
        <span className={classes.bell}>
          <Notifications />
        </span>
      </header>
      <nav className={classes.navbar} data-opened={opened || undefined} aria-label="Main">
        <div className={classes.top}>
          <Brand />
          <span className={classes.wideBell}>
            <Notifications />
          </span>
          <Burger
            className={classes.close}
            opened={opened}
            onClick={toggle}
            size="sm"
            color="var(--nav-text)"
            aria-label="Close navigation"
          />
        </div>
        <div className={classes.links}>
          {sections.map(({ label, pages: its }) => (
            <Fragment key={label}>
              {label && <div className={classes.section}>{label}</div>}
              {its.map(({ to, label: name, icon: Icon, keys, badge: Badge }) => (
                <NavLink
                  key={to}
                  component={Link}
                  to={to}
                  label={name}
                  leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                  rightSection={
                    <span className={classes.beside}>
                      <kbd className={classes.keys}>{keys}</kbd>
                      {Badge && <Badge />}
                    </span>
                  }
                  active={pathname === to || pathname.startsWith(`${to}/`)}
                  aria-current={pathname === to ? 'page' : undefined}
                  classNames={{ root: classes.link }}
                />
              ))}
            </Fragment>
          ))}
        </div>
        <div className={classes.foot}>
          <WhoIsHere current={pathname === '/account'} />
          <div className={classes.footButtons}>
            <ColorSchemeButton />
            <FootButton label="API reference" icon={IconBook2} href="/docs" />
            <FootButton label="Sign out" icon={IconLogout} onClick={endSession} />
          </div>
        </div>
      </nav>
      <main id="content" className={classes.main} tabIndex={-1}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <ScrollRestoration />
    </>
  );
}

function WhoIsHere({ current }: { readonly current: boolean }) {
  const me = useMe().data;
  return (
    <Link to="/account" className={classes.who} aria-current={current ? 'page' : undefined}>
      <span>{me?.name ?? 'Account'}</span>
      <span className={classes.role}>{me ? roleWords(me) : '…'}</span>
    </Link>
  );
}

const SCHEMES = {
  auto: { next: 'light', icon: IconSunMoon, label: 'Colours as the system has them; switch to light' },
  light: { next: 'dark', icon: IconSun, label: 'Light; switch to dark' },
  dark: { next: 'auto', icon: IconMoon, label: 'Dark; switch to what the system has' },
} as const;

function ColorSchemeButton() {
  // Mantine would stop transitions meanwhile, by a style element that the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
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
