package io.iotflow.server.http;

import io.helidon.http.Headers;
import java.util.List;

/// The pages for people: the dashboard and the API page.
final class Pages {

    /// Null when there is no such page.
    Reply find(List<String> segments, Headers headers) {
        return null;
    }
}
