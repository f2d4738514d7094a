package io.iotflow.server.notification;

import java.util.HashMap;
import java.util.Map;

/// What may be under way at the same time, to all receivers together. An organization right below the root has a
/// quarter of it, and more while more than half is free: slow receivers of one do not keep others waiting. Any thread
/// may call.
final class Room {
    private final int all;
    private final Map<String, Integer> taken = new HashMap<>();
    private int free;

    Room(int all) {
        this.all = all;
        free = all;
    }

    /// How many more the organization may have under way; negative if it has more than it may now.
    synchronized int left(String organization) {
        var share = Math.max(1, all / 4) - taken.getOrDefault(organization, 0);
        return Math.min(free, Math.max(share, free - all / 2));
    }

    synchronized int free() {
        return free;
    }

    synchronized void take(String organization) {
        free--;
        taken.merge(organization, 1, Integer::sum);
    }

    synchronized void give(String organization) {
        free++;
        taken.computeIfPresent(organization, (_, count) -> count == 1 ? null : count - 1);
    }
}
