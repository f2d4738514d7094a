import { Text } from '@mantine/core';
import { Titled } from '@/ui/Facts';
import { Ago } from '@/ui/Time';
import { useChannels, useDeliveries } from './api';
import classes from './Channels.module.css';
import { receiverOf } from './Deliveries';
import { DeliveryState, toldWords } from './DeliveryState';

/** Who was told of an alert, and whether it reached them. */
export function Told({ alert }: { readonly alert: number }) {
  const deliveries = useDeliveries({ alert });
  const channels = useChannels();
  const names = new Map(channels.rows.map(({ id, name }) => [id, name]));
  if (deliveries.isPending || deliveries.failure) return null;
  return (
    <Titled title="Who was told">
      {deliveries.rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody: its rule names no channel.
        </Text>
      ) : (
        <ul className={classes.told}>
          {deliveries.rows.map((delivery) => (
            <li key={delivery.id}>
              <span>
                <strong>{receiverOf(delivery, names)}</strong>
                <span className={classes.what}>{toldWords(delivery)}</span>
              </span>
              <span className={classes.outcome}>
                <DeliveryState delivery={delivery} />
                <span className={classes.quiet}>
                  <Ago at={delivery.ended_at ?? delivery.created_at} />
                </span>
              </span>
              {delivery.state === 'failed' && <span className={classes.fault}>{delivery.detail}</span>}
            </li>
          ))}
        </ul>
      )}
    </Titled>
  );
}
