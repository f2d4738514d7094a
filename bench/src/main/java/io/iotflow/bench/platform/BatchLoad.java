package io.iotflow.bench.platform;

import io.iotflow.bench.load.Device;
import io.iotflow.bench.load.LoadResult.PerDevice;
import io.iotflow.bench.load.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Sends records of many devices in NDJSON batches over a few connections, device after device for one moment and
/// then on to the next moment, as a fleet would. Bodies are patched in place.
///
/// @param senders          connections, each with a share of the devices and one batch under way
/// @param recordsPerBatch  a record is one device at one time
/// @param recordsPerDevice where to stop
/// @param firstMicros      time of the first record of each device
/// @param stepMicros       from one record of a device to its next
public record BatchLoad(PlatformApi api, List<Device> devices, Payload payload, int senders, int recordsPerBatch,
                        long recordsPerDevice, long firstMicros, long stepMicros) {

    /// @param devices what each device has sent; every record of an answered batch is acknowledged
    public record Done(List<PerDevice> devices, double seconds) {
        public long records() {
            return devices.stream().mapToLong(PerDevice::acknowledged).sum();
        }
    }

    /// Sends until every device has its records or the time is over. A refused batch ends it with its reason.
    public Done run(Duration atMost) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long end = start + atMost.toNanos();
        int shares = Math.min(senders, devices.size());
        var done = Crowd.each(IntStream.range(0, shares).boxed().toList(), shares, i -> new Sender(
                devices.subList(share(i, shares), share(i + 1, shares))).send(end));
        return new Done(done.stream().flatMap(List::stream).toList(), (System.nanoTime() - start) / 1e9);
    }

    private int share(int index, int shares) {
        return (int) ((long) index * devices.size() / shares);
    }

    private final class Sender {
        private final List<Device> own;
        private final List<byte[]> heads = new ArrayList<>();
        private final byte[] body = payload.bytes();
        private byte[] batch;

        Sender(List<Device> own) {
            this.own = own;
            int longest = 0;
            for (var device : own) {
                // The payload without its opening brace, after a brace and the device.
                var head = ("{\"device_id\":" + device.id() + ",").getBytes(StandardCharsets.UTF_8);
                heads.add(head);
                longest = Math.max(longest, head.length + body.length);
            }
            batch = new byte[recordsPerBatch * longest];
        }

        List<PerDevice> send(long end) throws IOException, InterruptedException {
            long total = recordsPerDevice * own.size();
            long record = 0;
            while (record < total && System.nanoTime() < end) {
                int length = 0;
                for (int i = 0; i < recordsPerBatch && record < total; i++, record++) length = append(length, record);
                api.batch(batch, length);
            }
            long sent = record;
            return IntStream.range(0, own.size()).mapToObj(i -> sentBy(i, sent)).toList();
        }

        private int append(int at, long record) {
            var head = heads.get((int) (record % own.size()));
            payload.patch(body, 0, firstMicros + record / own.size() * stepMicros);
            System.arraycopy(head, 0, batch, at, head.length);
            at += head.length;
            System.arraycopy(body, 1, batch, at, body.length - 1);
            at += body.length - 1;
            batch[at] = '\n';
            return at + 1;
        }

        private PerDevice sentBy(int index, long records) {
            long count = records / own.size() + (index < records % own.size() ? 1 : 0);
            long last = firstMicros + Math.max(0, count - 1) * stepMicros;
            return new PerDevice(own.get(index), count, count, firstMicros, last);
        }
    }
}
