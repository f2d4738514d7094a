package io.iotflow.server.language;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.AbstractList;
import java.util.RandomAccess;

/// An array in JSON as the language sees it.
final class JsonArray extends AbstractList<Object> implements RandomAccess {
    private final ArrayNode node;

    JsonArray(ArrayNode node) {
        this.node = node;
    }

    @Override
    public Object get(int index) {
        return Values.of(node.get(index));
    }

    @Override
    public int size() {
        return node.size();
    }
}
