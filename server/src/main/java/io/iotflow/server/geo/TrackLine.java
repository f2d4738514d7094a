package io.iotflow.server.geo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// A line of at most so many points that looks like the one that was gone: points go first that change its shape least,
/// by the area of the triangle with their neighbours (Visvalingam and Whyatt). Its memory is bounded by the number of
/// points, however many come. For one thread.
final class TrackLine {
    private static final int ROOM = 4;

    private final int most;
    private List<Step> steps = new ArrayList<>();
    private long taken;

    record Step(long timeMicros, double latitude, double longitude) {}

    /// A step between its neighbours, while some are taken out.
    private static final class Link {
        final Step step;
        Link before;
        Link after;
        double area;
        boolean isGone;

        Link(Step step) {
            this.step = step;
        }
    }

    /// One turn of the queue; void when the link's area has changed since.
    private record Turn(Link link, double area) {}

    /// @param most two at least
    TrackLine(int most) {
        this.most = most;
    }

    /// In the order of time.
    void add(Step step) {
        taken++;
        steps.add(step);
        if (steps.size() >= ROOM * most) steps = reduced(steps, most * ROOM / 2);
    }

    /// How many points there were.
    long taken() {
        return taken;
    }

    List<Step> steps() {
        return steps.size() <= most ? steps : reduced(steps, most);
    }

    private static List<Step> reduced(List<Step> steps, int most) {
        var links = steps.stream().map(Link::new).toList();
        for (var i = 1; i < links.size(); i++) {
            links.get(i).before = links.get(i - 1);
            links.get(i - 1).after = links.get(i);
        }
        var queue = new PriorityQueue<Turn>(Comparator.comparingDouble(Turn::area));
        for (var link : links) if (link.before != null && link.after != null) weigh(link, 0, queue);
        for (var left = links.size(); left > most && !queue.isEmpty(); ) {
            var turn = queue.remove();
            var link = turn.link;
            if (link.isGone || link.area != turn.area) continue;
            link.isGone = true;
            left--;
            link.before.after = link.after;
            link.after.before = link.before;
            // What lies beside it must not go before it would have gone.
            if (link.before.before != null) weigh(link.before, turn.area, queue);
            if (link.after.after != null) weigh(link.after, turn.area, queue);
        }
        return new ArrayList<>(links.stream().filter(link -> !link.isGone).map(link -> link.step).toList());
    }

    private static void weigh(Link link, double least, PriorityQueue<Turn> queue) {
        link.area = Math.max(least, area(link.before.step, link.step, link.after.step));
        queue.add(new Turn(link, link.area));
    }

    /// In square degrees of latitude; only the comparison counts.
    private static double area(Step one, Step two, Step three) {
        var narrow = Math.cos(Math.toRadians(two.latitude));
        var x1 = across(one.longitude - two.longitude) * narrow;
        var x2 = across(three.longitude - two.longitude) * narrow;
        return Math.abs(x1 * (three.latitude - two.latitude) - x2 * (one.latitude - two.latitude)) / 2;
    }

    /// The short way round.
    private static double across(double degrees) {
        return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
    }
}
