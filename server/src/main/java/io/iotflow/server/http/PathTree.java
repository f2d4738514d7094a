package io.iotflow.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Finds the route of a path in one walk over its segments; a literal segment wins over a parameter, and a parameter
/// is tried where the literal leads nowhere, so a device may be called `status`. Built before the port opens, then
/// only read.
final class PathTree {
    /// Deeper paths are answered 404 unread; the deepest declared route has far fewer.
    static final int MAX_SEGMENTS = 32;

    private final Node root = new Node();

    /// A route and the decoded values of its parameters, in the order of the path.
    record Match(Route route, List<String> values) {}

    private static final class Node {
        final Map<String, Node> literals = new HashMap<>();
        final Map<String, Route> byMethod = new HashMap<>();
        Node parameter;
    }

    void add(String path, Route route) {
        var node = root;
        for (var segment : segments(path)) {
            if (isParameter(segment)) {
                if (node.parameter == null) node.parameter = new Node();
                node = node.parameter;
            } else {
                node = node.literals.computeIfAbsent(segment, _ -> new Node());
            }
        }
        var earlier = node.byMethod.putIfAbsent(route.method(), route);
        if (earlier != null) throw new IllegalStateException("BUG: " + route + " and " + earlier + " are the same");
    }

    /// Null when no route has this path and method.
    Match find(String method, List<String> segments) {
        var values = new ArrayList<String>(2);
        var route = find(root, method, segments, 0, values);
        return route == null ? null : new Match(route, values);
    }

    /// The methods that this path does have.
    Set<String> methods(List<String> segments) {
        var found = new TreeSet<String>();
        methods(root, segments, 0, found);
        return found;
    }

    private static Route find(Node node, String method, List<String> segments, int at, List<String> values) {
        if (at == segments.size()) return node.byMethod.get(method);
        var literal = node.literals.get(segments.get(at));
        if (literal != null) {
            var route = find(literal, method, segments, at + 1, values);
            if (route != null) return route;
        }
        if (node.parameter == null) return null;
        values.add(segments.get(at));
        var route = find(node.parameter, method, segments, at + 1, values);
        if (route == null) values.removeLast();
        return route;
    }

    private static void methods(Node node, List<String> segments, int at, Set<String> found) {
        if (at == segments.size()) {
            found.addAll(node.byMethod.keySet());
            return;
        }
        var literal = node.literals.get(segments.get(at));
        if (literal != null) methods(literal, segments, at + 1, found);
        if (node.parameter != null) methods(node.parameter, segments, at + 1, found);
    }

    static boolean isParameter(String segment) {
        return segment.length() > 2 && segment.charAt(0) == '{' && segment.charAt(segment.length() - 1) == '}';
    }

    /// The decoded segments of a raw path; a slash at the end changes nothing.
    ///
    /// @throws IllegalArgumentException when the percent encoding is broken or the path is absurdly deep
    static List<String> segments(String rawPath) {
        var segments = new ArrayList<String>(8);
        var from = 1;
        while (from < rawPath.length()) {
            var slash = rawPath.indexOf('/', from);
            var to = slash < 0 ? rawPath.length() : slash;
            if (segments.size() == MAX_SEGMENTS) throw new IllegalArgumentException("the path has too many segments");
            segments.add(decode(rawPath.substring(from, to), false));
            from = to + 1;
        }
        return segments;
    }

    /// Undoes percent encoding; what it stands for must be UTF-8.
    static String decode(String raw, boolean plusIsSpace) {
        if (raw.indexOf('%') < 0 && !(plusIsSpace && raw.indexOf('+') >= 0)) return raw;
        var bytes = ByteBuffer.allocate(raw.length() * 3);
        for (var i = 0; i < raw.length(); i++) {
            var c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length()) throw new IllegalArgumentException("a percent sign needs two hex digits");
                var high = Character.digit(raw.charAt(i + 1), 16);
                var low = Character.digit(raw.charAt(i + 2), 16);
                if (high < 0 || low < 0) throw new IllegalArgumentException("a percent sign needs two hex digits");
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c == '+' && plusIsSpace) {
                bytes.put((byte) ' ');
            } else if (c < 0x80) {
                bytes.put((byte) c);
            } else {
                bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("percent encoding must stand for UTF-8", e);
        }
    }
}
