package io.iotflow.ledger;

import java.util.ArrayList;
import java.util.List;

/// The definitions of RFC 6962, section 2.1, word for word: slow, and plainly right. Everything else is compared to it.
final class NaiveTree {
    private NaiveTree() {}

    static Hash root(List<Hash> leaves) {
        if (leaves.isEmpty()) return Hash.EMPTY;
        if (leaves.size() == 1) return leaves.getFirst();
        var k = split(leaves.size());
        return Hash.node(root(leaves.subList(0, k)), root(leaves.subList(k, leaves.size())));
    }

    static List<Hash> path(int m, List<Hash> leaves) {
        var n = leaves.size();
        if (n == 1) return List.of();
        var k = split(n);
        return m < k ? plus(path(m, leaves.subList(0, k)), root(leaves.subList(k, n)))
                : plus(path(m - k, leaves.subList(k, n)), root(leaves.subList(0, k)));
    }

    static List<Hash> consistency(int m, List<Hash> leaves) {
        return m == 0 || m == leaves.size() ? List.of() : subproof(m, leaves, true);
    }

    private static List<Hash> subproof(int m, List<Hash> leaves, boolean whole) {
        var n = leaves.size();
        if (m == n) return whole ? List.of() : List.of(root(leaves));
        var k = split(n);
        return m <= k ? plus(subproof(m, leaves.subList(0, k), whole), root(leaves.subList(k, n)))
                : plus(subproof(m - k, leaves.subList(k, n), false), root(leaves.subList(0, k)));
    }

    private static int split(int n) {
        var k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }

    private static List<Hash> plus(List<Hash> list, Hash last) {
        var all = new ArrayList<>(list);
        all.add(last);
        return all;
    }

    static List<Hash> leaves(int count) {
        var leaves = new ArrayList<Hash>();
        for (int i = 0; i < count; i++) leaves.add(Hash.leaf(("entry " + i).getBytes()));
        return leaves;
    }
}
