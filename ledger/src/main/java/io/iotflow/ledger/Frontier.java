package io.iotflow.ledger;

import java.util.ArrayList;
import java.util.List;

/// Computes the root of a log from its leaves in order, and keeps one hash for each level only.
final class Frontier {
    private final List<Hash> whole = new ArrayList<>();
    private long size;

    void add(Hash leaf) {
        var hash = leaf;
        for (var n = size; (n & 1) == 1; n >>= 1) hash = Hash.node(whole.removeLast(), hash);
        whole.add(hash);
        size++;
    }

    long size() {
        return size;
    }

    Hash root() {
        return whole.reversed().stream().reduce((right, left) -> Hash.node(left, right)).orElse(Hash.EMPTY);
    }
}
