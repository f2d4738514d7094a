package io.iotflow.server.core;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// One configuration key, declared on the component of a feature's config record. The key is the component's name in
/// snake_case below the feature's name: `HttpConfig.port` is `http.port` in `iotflow.yaml` and `IOTFLOW_HTTP_PORT`
/// in the environment. `docs/reference/configuration.md` is held against these declarations by a test.
///
/// Component types: `String`, `int`, `long`, `boolean`, `Duration` (`30s`, `5m`, `24h`, `7d`), `Path` (relative to the
/// working folder), an enum, `List<String>` (comma separated), `Optional<String>` and `Optional<Path>` (empty means
/// absent).
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /// The default, as it would be written in the file.
    String value();

    /// One sentence for the operator: what it does, in which unit, why one would change it.
    String doc();

    /// Secrets are never printed.
    boolean secret() default false;
}
