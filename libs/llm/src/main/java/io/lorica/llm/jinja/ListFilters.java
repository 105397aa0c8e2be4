package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The filters that work on lists. Where jinja2 gives a generator, they give a list: a template sees no difference.
final class ListFilters {

    private ListFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("list", (v, _) -> Values.elements(needed("list", v)));
        filters.put("first", (v, _) -> end(Values.elements(needed("first", v)), true));
        filters.put("last", (v, _) -> end(Values.elements(needed("last", v)), false));
        filters.put("reverse", (v, _) -> reverse(v));
        filters.put("join", ListFilters::join);
        filters.put("sum", ListFilters::sum);
        filters.put("min", (v, a) -> extreme(v, a, false));
        filters.put("max", (v, a) -> extreme(v, a, true));
        filters.put("sort", (v, a) -> sort(v, a));
        filters.put("unique", (v, a) -> unique(v, a));
        filters.put("dictsort", (v, a) -> sortedItems(v, a));
        filters.put("map", ListFilters::map);
        filters.put("select", (v, a) -> select(v, test(a), true));
        filters.put("reject", (v, a) -> select(v, test(a), false));
        filters.put("selectattr", (v, a) -> select(v, attributeTest(a), true));
        filters.put("rejectattr", (v, a) -> select(v, attributeTest(a), false));
    }

    private static Object needed(String filter, Object value) {
        if (!Values.isIterable(value)) {
            throw Values.mismatch("'" + filter + "' needs a list", value);
        }
        return value;
    }

    private static Object end(List<Object> elements, boolean first) {
        if (elements.isEmpty()) {
            return new Undefined(first ? "an empty list has no first item" : "an empty list has no last item");
        }
        return first ? elements.getFirst() : elements.getLast();
    }

    private static Object reverse(Object value) {
        List<Object> elements = new ArrayList<>(Values.elements(needed("reverse", value)));
        Collections.reverse(elements);
        return value instanceof String ? text(elements, "") : elements;
    }

    private static String text(List<Object> elements, String separator) {
        return String.join(separator, elements.stream().map(PythonText::of).toList());
    }

    private static Object join(Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", "d", "attribute");
        List<Object> elements = Values.elements(needed("join", value)).stream()
                .map(attribute(bound.or("attribute", None.NONE), None.NONE))
                .toList();
        return text(elements, PythonText.of(bound.or("d", "")));
    }

    private static Object sum(Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sum", "attribute", "start");
        Object sum = bound.or("start", 0L);
        UnaryOperator<Object> attribute = attribute(bound.or("attribute", None.NONE), None.NONE);
        for (Object element : Values.elements(needed("sum", value))) {
            sum = Operators.calculate("+", sum, attribute.apply(element));
        }
        return sum;
    }

    private static Object extreme(Object value, Arguments arguments, boolean largest) {
        Arguments.Bound bound = arguments.bind(largest ? "max" : "min", "case_sensitive", "attribute");
        Comparator<Object> order = order(bound.flag("case_sensitive"), bound.or("attribute", None.NONE));
        List<Object> elements = Values.elements(needed("min", value));
        if (elements.isEmpty()) {
            return end(elements, true);
        }
        // Of equal elements Python takes the first.
        return largest ? Collections.min(elements, order.reversed()) : Collections.min(elements, order);
    }

    private static Object sort(Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        Comparator<Object> order = order(bound.flag("case_sensitive"), bound.or("attribute", None.NONE));
        List<Object> elements = new ArrayList<>(Values.elements(needed("sort", value)));
        elements.sort(bound.flag("reverse") ? order.reversed() : order);
        return elements;
    }

    private static Object unique(Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
        boolean caseSensitive = bound.flag("case_sensitive");
        UnaryOperator<Object> attribute = attribute(bound.or("attribute", None.NONE), None.NONE);
        List<Object> seen = new ArrayList<>();
        List<Object> unique = new ArrayList<>();
        for (Object element : Values.elements(needed("unique", value))) {
            Object key = folded(attribute.apply(element), caseSensitive);
            if (seen.stream().noneMatch(each -> Values.equal(each, key))) {
                seen.add(key);
                unique.add(element);
            }
        }
        return unique;
    }

    private static Object sortedItems(Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        if (!(value instanceof Map<?, ?> map)) {
            throw Values.mismatch("'dictsort' needs an object", value);
        }
        Object place = bound.or("by", "key").equals("value") ? 1L : 0L;
        Comparator<Object> order = order(bound.flag("case_sensitive"), place);
        List<Object> items = new ArrayList<>(CollectionMethods.items(map));
        items.sort(bound.flag("reverse") ? order.reversed() : order);
        return items;
    }

    /// Order by an attribute, or several with commas between them.
    private static Comparator<Object> order(boolean caseSensitive, Object attributes) {
        List<UnaryOperator<Object>> keys = attributes instanceof String several
                ? Arrays.stream(several.split(",", -1))
                        .map(each -> attribute(each, None.NONE))
                        .toList()
                : List.of(attribute(attributes, None.NONE));
        return (left, right) -> {
            for (UnaryOperator<Object> key : keys) {
                int order =
                        Values.compare(folded(key.apply(left), caseSensitive), folded(key.apply(right), caseSensitive));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    private static Object folded(Object value, boolean caseSensitive) {
        return value instanceof String text && !caseSensitive ? text.toLowerCase(Locale.ROOT) : value;
    }

    /// The attribute of that dotted path, the element itself for none; what is missing becomes `otherwise`.
    private static UnaryOperator<Object> attribute(Object path, Object otherwise) {
        return element -> {
            if (path == None.NONE) {
                return element;
            }
            Object value = element;
            for (String name : PythonText.of(path).split("\\.", -1)) {
                boolean digits = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
                value = Attributes.item(value, digits ? (Object) Long.valueOf(name) : name);
                if (value instanceof Undefined && otherwise != None.NONE) {
                    return otherwise;
                }
            }
            return value;
        };
    }

    private static Object map(Object value, Arguments arguments) {
        List<Object> elements = Values.elements(needed("map", value));
        if (arguments.positional().isEmpty()) {
            Arguments.Bound bound = arguments.bind("map", "attribute", "default");
            UnaryOperator<Object> attribute = attribute(bound.required("attribute"), bound.or("default", None.NONE));
            return elements.stream().map(attribute).toList();
        }
        String filter = Values.text(arguments.positional().getFirst());
        return elements.stream()
                .map(element -> Filters.apply(filter, element, arguments.rest()))
                .toList();
    }

    private static Object select(Object value, Predicate<Object> test, boolean wanted) {
        return Values.elements(needed("select", value)).stream()
                .filter(element -> test.test(element) == wanted)
                .toList();
    }

    private static Predicate<Object> test(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            return Values::isTrue;
        }
        String name = Values.text(arguments.positional().getFirst());
        return element -> Tests.holds(name, element, arguments.rest());
    }

    private static Predicate<Object> attributeTest(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw JinjaException.rendering("'selectattr' and 'rejectattr' need an attribute");
        }
        UnaryOperator<Object> attribute = attribute(arguments.positional().getFirst(), None.NONE);
        Predicate<Object> test = test(arguments.rest());
        return element -> test.test(attribute.apply(element));
    }
}
