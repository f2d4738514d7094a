package io.iotflow.server.language;

import io.iotflow.server.language.Methods.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Methods of arrays. A function that is passed is called with the element and its place; each call is charged by how
/// much there is of the function, and each element that is looked at by one.
final class ArrayMethods {
    private ArrayMethods() {}

    static Map<String, Method> all() {
        return Map.of(
                "some", new Method(1, 1, 2, "array.some(x => x > 1)", "Whether the function is true for an element.",
                        (frame, target, _, arrow) -> any(frame, array("some", target), arrow, true)),
                "every", new Method(1, 1, 2, "array.every(x => x > 1)", "Whether it is true for all of them.",
                        (frame, target, _, arrow) -> !any(frame, array("every", target), arrow, false)),
                "map", new Method(1, 1, 2, "array.map(x => x * 2)", "What the function makes of each element.",
                        (frame, target, _, arrow) -> mapped(frame, array("map", target), arrow)),
                "filter", new Method(1, 1, 2, "array.filter(x => x > 1)", "The elements for which it is true.",
                        (frame, target, _, arrow) -> filtered(frame, array("filter", target), arrow)),
                "reduce", new Method(2, 2, 3, "array.reduce((total, x) => total + x, 0)",
                        "What the function makes of all elements, one after the other, from a first value.",
                        (frame, target, arguments, arrow) -> reduced(frame, array("reduce", target), arrow,
                                arguments[0])),
                "join", new Method(0, 1, 0, "array.join(', ')", "The elements as one text.",
                        (frame, target, arguments, _) -> Values.join(array("join", target),
                                arguments.length == 0 ? "," : Values.text(arguments[0], frame), frame, 0)));
    }

    private static List<Object> array(String method, Object target) {
        var array = Values.array(target);
        if (array != null) return array;
        throw Methods.wrong(method, "arrays", target);
    }

    private static boolean any(Frame frame, List<Object> array, Arrow arrow, boolean wanted) {
        for (int i = 0; i < array.size(); i++) {
            if (arrow.truth(frame, Values.inner(array.get(i)), (double) i) == wanted) return true;
        }
        return false;
    }

    private static List<Object> mapped(Frame frame, List<Object> array, Arrow arrow) {
        frame.makeArray(array.size());
        var made = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) made.add(arrow.value(frame, Values.inner(array.get(i)), (double) i));
        return made;
    }

    private static List<Object> filtered(Frame frame, List<Object> array, Arrow arrow) {
        frame.makeArray(array.size());
        var made = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            var element = Values.inner(array.get(i));
            if (arrow.truth(frame, element, (double) i)) made.add(element);
        }
        return made;
    }

    private static Object reduced(Frame frame, List<Object> array, Arrow arrow, Object first) {
        var total = first;
        for (int i = 0; i < array.size(); i++) {
            total = arrow.value(frame, total, Values.inner(array.get(i)), (double) i);
        }
        return total;
    }

    static int indexOf(Frame frame, Object target, Object wanted, String method) {
        var array = array(method, target);
        for (int i = 0; i < array.size(); i++) {
            frame.spend(1);
            if (Values.same(Values.inner(array.get(i)), wanted)) return i;
        }
        return -1;
    }

    static List<Object> slice(Frame frame, Object target, Object[] arguments) {
        var array = array("slice", target);
        var from = Methods.place(arguments, 0, array.size(), 0);
        var to = Math.max(from, Methods.place(arguments, 1, array.size(), array.size()));
        frame.makeArray(to - from);
        return new ArrayList<>(array.subList(from, to));
    }
}
