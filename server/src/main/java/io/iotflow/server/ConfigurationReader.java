package io.iotflow.server;

import io.iotflow.server.core.Durations;
import io.iotflow.server.core.Setting;
import io.iotflow.server.core.Spelling;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Fills config records from defaults, a YAML file, the environment and the command line, each going before the one
/// named earlier. Collects every mistake before it complains.
final class ConfigurationReader {
    private static final String ENVIRONMENT = "IOTFLOW_";
    /// Variables that others read: the launcher's, and the bootstrap token.
    private static final List<String> NOT_SETTINGS =
            List.of("IOTFLOW_ADMIN_TOKEN", "IOTFLOW_HOME", "IOTFLOW_JAVA_OPTS");

    private final List<String> mistakes = new ArrayList<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final Map<String, String> environment;
    private final Map<String, String> overrides;

    /// All that is wrong with a configuration, a line each.
    static final class Mistakes extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mistakes(List<String> mistakes) {
            super(String.join("\n", mistakes), null, false, false);
        }
    }

    ConfigurationReader(Path file, Map<String, String> environment, Map<String, String> overrides) {
        this.environment = environment;
        this.overrides = overrides;
        if (Files.exists(file)) readFile(file);
    }

    private void readFile(Path file) {
        try {
            var root = new Load(LoadSettings.builder().setLabel(file.toString())
                    .setMaxAliasesForCollections(10).build())
                    .loadFromString(Files.readString(file));
            if (root instanceof Map<?, ?> map) readSections(map, file.toString());
            else if (root != null) mistakes.add(file + ": write sections such as \"http:\" with keys below them");
        } catch (YamlEngineException e) {
            mistakes.add(file + " is no YAML: " + withoutContent(e));
        } catch (CharacterCodingException _) {
            mistakes.add(file + " is no text in UTF-8");
        } catch (IOException e) {
            mistakes.add(file + " cannot be read: " + e.getMessage());
        }
    }

    /// The parser's own message quotes the line, which may hold a secret.
    private static String withoutContent(YamlEngineException e) {
        if (!(e instanceof MarkedYamlEngineException marked) || marked.getProblemMark().isEmpty()) {
            return "it cannot be parsed";
        }
        var mark = marked.getProblemMark().get();
        return "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": look for a missing quote, "
                + "colon or space, a tab, or a key that is there twice";
    }

    private void readSections(Map<?, ?> root, String origin) {
        root.forEach((section, content) -> {
            switch (content) {
                case null -> { }
                case Map<?, ?> keys -> keys.forEach((key, value) -> readKey(section + "." + key, value, origin));
                case Collection<?> _ -> mistakes.add(origin + ": " + section + " is a list; write keys below it");
                default -> readKey(String.valueOf(section), content, origin);
            }
        });
    }

    private void readKey(String key, Object value, String origin) {
        switch (value) {
            case null -> { }
            case Map<?, ?> _ -> mistakes.add(origin + ": " + key + " has keys below it; it takes a value");
            case Collection<?> list when list.stream().anyMatch(ConfigurationReader::isNested) ->
                    mistakes.add(origin + ": " + key + " is a list of lists or sections; it takes plain values");
            case Collection<?> list -> put(key,
                    list.stream().map(String::valueOf).collect(Collectors.joining(",")), origin);
            default -> put(key, value.toString(), origin);
        }
    }

    private static boolean isNested(Object item) {
        return item instanceof Map || item instanceof Collection;
    }

    private void put(String key, String value, String origin) {
        values.put(key, value);
        origins.put(key, origin);
    }

    <R extends Record> R read(Class<R> root) {
        var keys = new TreeSet<String>();
        for (var section : root.getRecordComponents()) {
            for (var key : section.getType().getRecordComponents()) keys.add(name(section) + "." + name(key));
        }
        readEnvironment(keys);
        overrides.forEach((key, value) -> put(key, value, "the command line"));
        for (var key : values.keySet()) {
            if (!keys.contains(key)) mistakes.add(origins.get(key) + ": there is no key " + key
                    + didYouMean(key, keys));
        }
        var sections = Arrays.stream(root.getRecordComponents())
                .map(section -> section(name(section), section.getType())).toArray();
        if (!mistakes.isEmpty()) throw new Mistakes(mistakes);
        var read = construct(root, sections);
        if (!mistakes.isEmpty()) throw new Mistakes(mistakes);
        return read;
    }

    private void readEnvironment(Collection<String> keys) {
        var variables = keys.stream().collect(Collectors.toMap(ConfigurationReader::variable, key -> key));
        environment.forEach((variable, value) -> {
            if (!variable.startsWith(ENVIRONMENT) || NOT_SETTINGS.contains(variable)) return;
            var key = variables.get(variable);
            if (key != null) put(key, value, variable);
            else mistakes.add("the environment: there is no setting " + variable
                    + didYouMean(variable, variables.keySet()));
        });
    }

    /// The environment variable of a key: `http.port` is `IOTFLOW_HTTP_PORT`.
    static String variable(String key) {
        return ENVIRONMENT + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private Object section(String name, Class<?> type) {
        var before = mistakes.size();
        var components = type.getRecordComponents();
        var arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            var key = name + "." + name(components[i]);
            var setting = components[i].getAnnotation(Setting.class);
            var text = values.getOrDefault(key, setting.value());
            try {
                arguments[i] = value(components[i], text);
            } catch (IllegalArgumentException e) {
                mistakes.add(origins.getOrDefault(key, "default") + ": " + key + " "
                        + (setting.secret() ? "" : "= " + text + " ") + e.getMessage());
            }
        }
        return mistakes.size() > before ? null : construct(type, arguments);
    }

    private <R> R construct(Class<R> type, Object[] arguments) {
        try {
            return canonical(type).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException refused)) {
                throw new IllegalStateException("BUG: " + type + " fails at " + arguments.length + " settings", e);
            }
            mistakes.add(refused.getMessage());
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("BUG: " + type + " is no usable config record", e);
        }
    }

    private static <R> Constructor<R> canonical(Class<R> type) throws NoSuchMethodException {
        var types = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor;
    }

    private static Object value(RecordComponent component, String text) {
        var type = component.getType();
        if (type == Optional.class) {
            var inner = (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
            return text.isEmpty() ? Optional.empty() : Optional.of(scalar(inner, text));
        }
        if (type == List.class) {
            return text.isBlank() ? List.of() : Arrays.stream(text.split(",")).map(String::strip).toList();
        }
        return scalar(type, text);
    }

    private static Object scalar(Class<?> type, String text) {
        if (type == String.class) return text;
        if (type == Path.class) return Path.of(text);
        if (type == boolean.class) {
            return switch (text) {
                case "true", "on" -> true;
                case "false", "off" -> false;
                default -> throw new IllegalArgumentException("is neither true nor false");
            };
        }
        if (type == Duration.class) return Durations.parse(text);
        if (type.isEnum()) return constant(type, text);
        try {
            if (type == int.class) return Integer.parseInt(text);
            if (type == long.class) return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("is no whole number");
        }
        throw new IllegalStateException("BUG: settings cannot be of " + type);
    }

    private static Object constant(Class<?> type, String text) {
        for (var constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equalsIgnoreCase(text)) return constant;
        }
        throw new IllegalArgumentException("is none of " + Arrays.stream(type.getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
    }

    private static String didYouMean(String wrong, Collection<String> known) {
        return known.stream().map(key -> Map.entry(Spelling.distance(wrong, key), key)).min(Map.Entry.comparingByKey())
                .filter(best -> best.getKey() <= Math.max(3, wrong.length() / 4))
                .map(best -> "; did you mean " + best.getValue() + "?").orElse("");
    }
}
