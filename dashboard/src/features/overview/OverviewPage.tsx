import { Anchor, Button, Card, Group, Progress, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconPlugConnected, IconShieldCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sparkline } from '@/charts/Sparkline';
import { AlertsFigure } from '@/features/alerts/AlertsFigure';
import { registerLine, usePlace } from '@/features/devices/lines';
import { FeedBadge } from '@/live/FeedBadge';
import { CopyLine } from '@/ui/CopyLine';
import { Empty } from '@/ui/Empty';
import { Figure } from '@/ui/Figure';
import { formatCount, formatDuration, formatRate } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Ago } from '@/ui/Time';
import { type Activity, READABLE_RATE, useActivity } from './activity';
import { useFigures } from './api';
import classes from './OverviewPage.module.css';
import { useRates } from './rates';

/** How many readings the small pictures show. */
const READINGS = 60;
/** The store may be this far behind the log, in milliseconds, before it is worth a colour. */
const LAG_WARNING = 2_000;

/** The fleet at a glance: how many, how fast, how safe, and what happens now. */
export function OverviewPage() {
  const stats = useFigures();
  const figures = stats.data;
  const rates = useRates(figures, READINGS);
  const last = rates[rates.length - 1]?.perSecond;
  const activity = useActivity(last?.messages);
  const empty = figures?.devices === 0;
  return (
    <Page title="Overview" actions={<FeedBadge />}>
      {stats.error ? <ProblemNotice failure={stats.error} retry={() => void stats.refetch()} /> : null}
      <div className={classes.figures}>
        <Figure
          label="Devices online"
          value={figures && formatCount(figures.online)}
          unit={figures && `of ${formatCount(figures.devices)}`}
        >
          {figures && <OnlineShare online={figures.online} devices={figures.devices} />}
        </Figure>
        <Figure label="Messages" value={last && formatRate(last.messages)} unit="/s">
          <Sparkline values={rates.map((rate) => rate.perSecond.messages)} />
        </Figure>
        <Figure label="Points" value={last && formatRate(last.points)} unit="/s">
          <Sparkline values={rates.map((rate) => rate.perSecond.points)} />
        </Figure>
        <Figure
          label="Store behind the log"
          value={figures && formatDuration(figures.lagMillis)}
          tone={figures && figures.lagMillis > LAG_WARNING ? 'warn' : undefined}
          note={
            figures &&
            (figures.lagMillis > LAG_WARNING
              ? 'What is acknowledged is safe; it shows later.'
              : 'Everything acknowledged is on disk.')
          }
        />
      </div>
      {empty ? (
        <Card>
          <FirstDevice />
        </Card>
      ) : (
        <div className={classes.below}>
          <ActivityCard {...activity} />
          <Stack gap="md">
            <AlertsFigure />
            <RefusedCard refused={figures?.refused} accepted={figures?.counters.messages} />
          </Stack>
        </div>
      )}
    </Page>
  );
}

function OnlineShare({ online, devices }: { readonly online: number; readonly devices: number }) {
  const share = devices > 0 ? (100 * online) / devices : 0;
  return (
    <Stack gap={6} mt={12}>
      <Progress value={share} size={6} aria-label={`${Math.round(share)} % online`} />
      <Anchor component={Link} to="/devices" size="xs" c="dimmed">
        See the fleet
      </Anchor>
    </Stack>
  );
}

interface ActivityProps {
  readonly lines: readonly Activity[];
  readonly dropped: number;
  readonly readable: boolean;
}

function ActivityCard({ lines, dropped, readable }: ActivityProps) {
  return (
    <Card mih={320} h="100%">
      <Group justify="space-between" mb="xs">
        <Text component="h2" fw={550} m={0}>
          Happening now
        </Text>
        {dropped > 0 && (
          <Text size="xs" c="dimmed">
            {formatCount(dropped)} events left out: they came faster than this page reads
          </Text>
        )}
      </Group>
      {!readable && (
        <Text size="xs" c="dimmed" mb="xs">
          More than {READABLE_RATE} messages a second: measurements are not listed here. Open a device to watch its own.
        </Text>
      )}
      {lines.length === 0 ? (
        <Stack gap={14} py="sm">
          <Text size="sm" c="dimmed">
            Waiting for the next event…
          </Text>
          {[88, 72, 80, 64].map((width) => (
            <Skeleton key={width} height={14} width={`${width}%`} />
          ))}
        </Stack>
      ) : (
        <ul className={classes.activity} aria-label="Newest events">
          {lines.map((line) => (
            <li
              key={line.key}
              className={classes.event}
              data-type={line.type}
              data-tone={line.away ? 'away' : undefined}
            >
              <Link to={`/devices/${line.device}`} className={classes.device}>
                {line.name}
              </Link>
              <span className={classes.words}>{line.words}</span>
              <span className={classes.ago}>
                <Ago at={line.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

interface RefusedProps {
  readonly refused: Readonly<Record<string, number>> | undefined;
  readonly accepted: number | undefined;
}

function RefusedCard({ refused, accepted }: RefusedProps) {
  const reasons = Object.entries(refused ?? {})
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <Card>
      <Text component="h2" fw={550} m={0} mb="xs">
        Refused since the start
      </Text>
      {refused === undefined ? (
        <Skeleton height={120} />
      ) : reasons.length === 0 ? (
        <Empty icon={IconShieldCheck} title="Nothing refused">
          {`All ${formatCount(accepted ?? 0)} messages were taken. Refused ones are counted here, each with its reason.`}
        </Empty>
      ) : (
        <Table horizontalSpacing={0} verticalSpacing={8}>
          <Table.Tbody>
            {reasons.map(([reason, count]) => (
              <Table.Tr key={reason}>
                <Table.Td>{reason.replaceAll('_', ' ').toLowerCase()}</Table.Td>
                <Table.Td ta="right" fw={550}>
                  {formatCount(count)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function FirstDevice() {
  return (
    <Empty icon={IconPlugConnected} title="Connect the first device">
      <Button component={Link} to="/devices?register" mx="auto">
        Register a device
      </Button>
      <Text size="sm" c="dimmed" ta="center">
        Or from a shell, where registration is open:
      </Text>
      <CopyLine text={registerLine(usePlace())} label="register a device" />
      <Text size="sm" c="dimmed" ta="center">
        Or start a pretend home of nine devices:
      </Text>
      <CopyLine text="./iotflow simulate" label="start the simulator" />
    </Empty>
  );
}
