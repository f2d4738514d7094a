package io.iotflow.server.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of a log: the segments that hold records, and spare files ready to become the next segment.
/// A thread of its own prepares spares ahead of need. Everything about budget is decided here.
final class SegmentFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentFiles.class);
    private static final int SPARES = 2;
    private static final long RETRY_MILLIS = 1_000;

    private final Path folder;
    private final int segmentBytes;
    private final int maxSegments;
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final AtomicInteger reserved = new AtomicInteger();
    private final Deque<Path> spares = new ArrayDeque<>();
    /// Spare files that held records once; the others are full of zeros.
    private final Set<Path> used = new HashSet<>();
    private final Semaphore spareTaken = new Semaphore(0);
    private final LongAdder damaged = new LongAdder();
    private long spareNumber;
    private volatile long usableFrom;
    private Thread preparer;

    private SegmentFiles(Path folder, JournalConfig config) {
        this.folder = folder;
        segmentBytes = config.segmentMib() << 20;
        maxSegments = config.budgetMib() / config.segmentMib();
    }

    static SegmentFiles open(Path folder, JournalConfig config) throws IOException {
        var files = new SegmentFiles(folder, config);
        try (var list = Files.list(folder)) {
            for (var file : list.sorted().toList()) files.adopt(file);
        }
        if (files.segments.isEmpty()) {
            files.addSpare();
            files.reserved.incrementAndGet();
            files.beginNext();
        }
        files.preparer = Thread.ofPlatform().name("journal-preparer").daemon().start(files::prepareSpares);
        return files;
    }

    private void adopt(Path file) throws IOException {
        var name = file.getFileName().toString();
        var index = Segment.indexOf(file);
        if (index.isPresent()) {
            var segment = Segment.open(folder, index.get(), segmentBytes);
            if (segment.isPresent()) segments.put(index.get(), segment.get());
            else throw new IOException(file + " is not a segment of " + segmentBytes
                    + " bytes; if journal.segment_mib was changed, change it back or drain the log first");
        } else if (name.endsWith(".spare") && Files.size(file) == segmentBytes && spares.size() < SPARES) {
            spares.add(file);
            used.add(file);
            spareNumber = Math.max(spareNumber, Long.parseLong(name.replace(".spare", ""), 16) + 1);
        } else if (name.endsWith(".spare") || name.endsWith(".new")) {
            Files.delete(file);
        }
    }

    /// The position after the last whole record. Looks through the last segment to its very end, so that records behind
    /// a damaged stretch are kept.
    long recoverEnd() throws IOException {
        var last = segments.lastEntry().getValue();
        var position = startOf(last.index());
        var end = position;
        try (var arena = Arena.ofConfined()) {
            var buffer = last.map(arena, segmentBytes);
            while (position % segmentBytes != 0) {
                var length = Frame.inspect(buffer, (int) (position % segmentBytes), position);
                if (length == Frame.END_OF_SEGMENT) return end;
                position += length > 0 ? Frame.sizeOf(length) : 8;
                if (length > 0) end = position;
            }
        }
        return end;
    }

    Path folder() {
        return folder;
    }

    int segmentBytes() {
        return segmentBytes;
    }

    long startOf(long index) {
        return index * segmentBytes + Segment.HEADER;
    }

    long oldest() {
        try {
            return startOf(segments.firstKey());
        } catch (NoSuchElementException _) {
            return 0;
        }
    }

    /// Whether one more segment may begin: within the budget, and a spare file is ready. The file is then set aside.
    boolean reserveNext() {
        synchronized (spares) {
            if (segments.size() + reserved.get() >= maxSegments || spares.size() <= reserved.get()) return false;
            reserved.incrementAndGet();
            return true;
        }
    }

    /// Begins the segment after the last and answers its first position.
    long beginNext() throws IOException {
        Path spare;
        boolean isUsed;
        synchronized (spares) {
            spare = spares.remove();
            isUsed = used.remove(spare);
        }
        var index = segments.isEmpty() ? 0 : segments.lastKey() + 1;
        segments.put(index, Segment.begin(spare, folder, index, segmentBytes, isUsed));
        synchronized (spares) {
            reserved.decrementAndGet();
        }
        spareTaken.release();
        return startOf(index);
    }

    void write(ByteBuffer bytes, long position) throws IOException {
        segments.get(position / segmentBytes).write(bytes, position % segmentBytes);
    }

    void syncCurrent() throws IOException {
        segments.lastEntry().getValue().sync();
    }

    /// Reads from the position on, at most to the end of its segment. False if that segment is gone.
    boolean read(ByteBuffer into, long position) throws IOException {
        var segment = segments.get(position / segmentBytes);
        if (segment == null) return false;
        segment.read(into, position % segmentBytes);
        return true;
    }

    /// The first position at or after the given one that still exists.
    long firstAtOrAfter(long position) {
        var segment = segments.ceilingKey(position / segmentBytes);
        if (segment == null) return position;
        return Math.max(position, startOf(segment));
    }

    synchronized void trim(long position) throws IOException {
        while (segments.size() > 1 && (segments.firstKey() + 1) * segmentBytes <= position) {
            var segment = segments.pollFirstEntry().getValue();
            segment.close();
            recycle(segment.file(), segment.index() >= usableFrom);
        }
    }

    private void recycle(Path file, boolean mayBeUsed) throws IOException {
        synchronized (spares) {
            if (!mayBeUsed || spares.size() >= SPARES) {
                Files.delete(file);
                spareTaken.release();
                return;
            }
            var spare = nextSpare();
            Files.move(file, spare, StandardCopyOption.ATOMIC_MOVE);
            spares.add(spare);
            used.add(spare);
        }
    }

    /// Segments that begin before the position are deleted when they are trimmed, not used again.
    void neverUseAgain(long position) {
        usableFrom = position / segmentBytes;
    }

    /// Puts files of zeros in the place of spare files that held records, one after another, so that one is there for
    /// a segment that fills up meanwhile.
    void replaceUsedSpares() throws IOException {
        for (var spare = takeUsedSpare(); spare != null; spare = takeUsedSpare()) {
            Files.delete(spare);
            addSpare();
        }
    }

    /// A used spare file that nobody has set aside; null if there is none.
    private Path takeUsedSpare() {
        synchronized (spares) {
            var free = spares.stream().skip(reserved.get()).filter(used::contains).findFirst();
            free.ifPresent(spare -> {
                spares.remove(spare);
                used.remove(spare);
            });
            return free.orElse(null);
        }
    }

    /// Whether something older may stand behind the records of the segments from the position on.
    boolean holdsLeftoversFrom(long position) {
        return segments.tailMap(position / segmentBytes).values().stream().anyMatch(Segment::holdsLeftovers);
    }

    /// Makes deletions survive a power cut.
    void sync() throws IOException {
        Segment.syncFolder(folder);
    }

    private Path nextSpare() {
        return folder.resolve("%016x.spare".formatted(spareNumber++));
    }

    private void addSpare() throws IOException {
        Path spare;
        synchronized (spares) {
            spare = nextSpare();
        }
        Segment.prepare(spare, segmentBytes);
        synchronized (spares) {
            spares.add(spare);
        }
    }

    private void prepareSpares() {
        try {
            while (true) {
                try {
                    while (lacksSpares()) addSpare();
                    spareTaken.acquire();
                } catch (ClosedByInterruptException _) {
                    return; // closed while writing
                } catch (IOException e) {
                    LOG.warn("event=journal_no_spare folder={} cause=\"{}\" effect=\"refusing when this segment is "
                            + "full\"", folder, e.getMessage());
                    spareTaken.tryAcquire(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private boolean lacksSpares() {
        synchronized (spares) {
            return spares.size() < SPARES && segments.size() + spares.size() < maxSegments;
        }
    }

    void skippedDamage(long bytes) {
        damaged.add(bytes);
    }

    long damagedBytes() {
        return damaged.sum();
    }

    @Override
    public void close() throws IOException {
        preparer.interrupt();
        try {
            preparer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (var segment : segments.values()) segment.close();
    }
}
